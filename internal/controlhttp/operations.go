package controlhttp

// Operations names the operation of each pattern of a plane's Mux: all of AWS IoT's.
func Operations() map[string]string {
	names := map[string]string{}
	for _, o := range modelOperations() {
		names[o.pattern()] = o.name
	}
	return names
}
