package conformance_test

// withoutCases are operations that real clients do not play yet, each with the reason. There is none.
var withoutCases []string
