package postgres

// WithoutLocks returns options whose store does not lock the things of device calls.
func (o Options) WithoutLocks() Options {
	o.unlocked = true
	return o
}
