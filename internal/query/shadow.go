package query

import "encoding/json"

// follow looks for a value that passes at a path below v. An array stands for its elements, wherever it is on the path, so that
// shadow.reported.myvalues:2 finds a 2 in the array.
func follow(v any, path []step, t test) bool {
	if len(path) == 0 {
		return matchJSON(v, t)
	}
	switch v := v.(type) {
	case map[string]any:
		if path[0].any {
			for _, member := range v {
				if follow(member, path[1:], t) {
					return true
				}
			}
			return false
		}
		member, ok := v[path[0].member]
		return ok && follow(member, path[1:], t)
	case []any:
		for _, element := range v {
			if follow(element, path, t) {
				return true
			}
		}
	}
	return false
}

// matchJSON tests what stands at the end of a path. An object is something, but none of its members is its value.
func matchJSON(v any, t test) bool {
	switch v := v.(type) {
	case string:
		return t.matchText(v)
	case float64:
		return t.matchNumber(v)
	case json.Number:
		number, err := v.Float64()
		return err == nil && t.matchNumber(number)
	case bool:
		return matchBool(v, t)
	case []any:
		for _, element := range v {
			if matchJSON(element, t) {
				return true
			}
		}
	case map[string]any:
		return t == present{}
	}
	return false
}

// search looks for a value that passes anywhere below v.
func search(v any, t test) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			if search(member, t) {
				return true
			}
		}
		return false
	case []any:
		for _, element := range v {
			if search(element, t) {
				return true
			}
		}
		return false
	}
	return matchJSON(v, t)
}
