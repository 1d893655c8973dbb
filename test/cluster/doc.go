// Package cluster runs several real servers on one PostgreSQL, kills them, cuts their connections, restarts and fails over the database while
// devices and operators work through all of them, and then looks whether everything that was answered can have happened, once.
package cluster
