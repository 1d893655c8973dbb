// Package archtest holds tests only: who may import whom, and that the rule ids in comments stand in docs/behaviour.
// The table to change when a package comes or goes is in table_test.go.
package archtest
