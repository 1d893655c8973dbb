// Package sim runs the service as a whole against models of it that are written to be obviously right: concurrent devices against a register
// for each execution (porcupine), random operations of operators, devices and time against plain maps, and a fleet in a bubble of fake time.
//
// Every checker has mutants: stores that are wrong on purpose and must turn it red.
package sim
