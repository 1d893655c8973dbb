package policy_test

const (
	opMissing source = "IAM, Condition operators, Important (key not present)"
	opString  source = "IAM, Condition operators, String condition operators"
	opNumeric source = "IAM, Condition operators, Numeric condition operators"
	opDate    source = "IAM, Condition operators, Date condition operators"
	opBool    source = "IAM, Condition operators, Boolean condition operators"
	opBinary  source = "IAM, Condition operators, Binary condition operators"
	opIP      source = "IAM, Condition operators, IP address condition operators"
	opARN     source = "IAM, Condition operators, ARN condition operators"
	opExists  source = "IAM, Condition operators, ...IfExists condition operators"
	opNull    source = "IAM, Condition operators, Condition operator to check existence of condition keys"
	opMulti   source = "IAM, Conditions with multiple context keys or values, Evaluation logic"
	opNegated source = "IAM, Conditions with multiple context keys or values, Negated matching condition operators"
	opForAll  source = "IAM, Single-valued vs. multivalued context keys, ForAllValues"
	opForAny  source = "IAM, Single-valued vs. multivalued context keys, ForAnyValue"
	opNoValue source = "IAM, Variables and tags, Policy variables with no value"
	opKeys    source = "IAM, Single-valued vs. multivalued context keys, Key points"
	opGrammar source = "IAM, Grammar of the IAM JSON policy language, condition_value"
	opDefault source = "IAM, Variables and tags, Specifying default values"
	opSpecial source = "IAM, Variables and tags, Special characters"
	opWhere   source = "IAM, Variables and tags, Condition element"
)

const (
	thingX  = "arn:aws:iot:r:a:thing/x"
	thingY  = "arn:aws:iot:r:a:thing/y"
	longARN = "arn:aws:some:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
)

// conditionRow: the operator compares the values of a key of the request with those of the policy (JSON).
type conditionRow struct {
	operator string
	policy   string
	request  []string // nil: the request has no such key
	holds    bool
	source   source
	fact     string
}

func one(value string) []string { return []string{value} }

var conditionRows = []conditionRow{
	{"StringEquals", `"red"`, one("red"), true, opString, "the whole string is the same"},
	{"StringEquals", `"red"`, one("Red"), false, opString, "case matters"},
	{"StringEquals", `"red"`, one("dark red"), false, opString, "part of the string is not enough"},
	{"StringEquals", `"r*"`, one("red"), false, opString, "wildcards belong to StringLike; here * is a character"},
	{"StringEquals", `"r*"`, one("r*"), true, opString, "… that matches itself"},
	{"StringEquals", `["red", "blue"]`, one("blue"), true, opMulti, "several values of one key are alternatives"},
	{"StringEquals", `["red", "blue"]`, one("green"), false, opMulti, "none of the alternatives"},
	{"StringEquals", `"red"`, nil, false, opMissing, "without the key, nothing matches"},
	{"StringEquals", `12`, one("12"), true, opGrammar, "quotes around numbers are optional"},
	{"StringEquals", `true`, one("true"), true, opGrammar, "quotes around booleans are optional"},
	{"StringNotEquals", `"red"`, one("blue"), true, opString, "the opposite of StringEquals"},
	{"StringNotEquals", `"red"`, one("red"), false, opString, "the opposite of StringEquals"},
	{"StringNotEquals", `["red", "blue"]`, one("blue"), false, opNegated, "several values are joined by NOR: one that matches is enough to fail"},
	{"StringNotEquals", `["red", "blue"]`, one("green"), true, opNegated, "NOR: none matches"},
	{"StringNotEquals", `"red"`, nil, true, opMissing, "a negated operator holds without the key"},
	{"StringEqualsIgnoreCase", `"pReprod"`, one("PreProd"), true, opString, "ignores case"},
	{"StringEqualsIgnoreCase", `"Düse"`, one("DÜSE"), true, opString, "ignores case beyond ASCII"},
	{"StringEqualsIgnoreCase", `"[x]"`, one("{X}"), false, opString, "… and in letters only"},
	{"StringEqualsIgnoreCase", `"preprod"`, one("prod"), false, opString, "still the whole string"},
	{"StringEqualsIgnoreCase", `"preprod"`, nil, false, opMissing, "without the key, nothing matches"},
	{"StringNotEqualsIgnoreCase", `"preprod"`, one("PreProd"), false, opString, "negated, ignoring case"},
	{"StringNotEqualsIgnoreCase", `"preprod"`, one("storage"), true, opString, "negated, ignoring case"},
	{"StringNotEqualsIgnoreCase", `"preprod"`, nil, true, opMissing, "a negated operator holds without the key"},
	{"StringLike", `"t1.*"`, one("t1.micro"), true, opExists, "* matches any characters"},
	{"StringLike", `"t1.*"`, one("m2.micro"), false, opExists, "what stands before the * must be there"},
	{"StringLike", `"t1.*"`, one("t1."), true, opString, "* matches no characters as well"},
	{"StringLike", `"*o*o?"`, one("Voodoos"), true, opString, "wildcards may stand anywhere"},
	{"StringLike", `"sensor???"`, one("sensor12"), false, opString, "? is exactly one character"},
	{"StringLike", `"sensor?"`, one("sensorü"), true, opString, "? is one character, not one byte"},
	{"StringLike", `"*??"`, one("日"), false, opString, "* does not cut a character into bytes for ?"},
	{"StringLike", `"red"`, one("dark red"), false, opString, "without wildcards there is no partial match"},
	{"StringLike", `"RED*"`, one("redder"), false, opString, "case matters"},
	{"StringLike", `["", "home/"]`, one(""), true, opString, "an empty value can be asked for"},
	{"StringLike", `"*"`, nil, false, opMissing, "even * matches no missing key"},
	{"StringNotLike", `"t1.*"`, one("t1.micro"), false, opString, "the opposite of StringLike"},
	{"StringNotLike", `"t1.*"`, one("m2.micro"), true, opString, "the opposite of StringLike"},
	{"StringNotLike", `"t1.*"`, nil, true, opMissing, "a negated operator holds without the key"},

	{"NumericEquals", `"10"`, one("10.0"), true, opNumeric, "numbers are compared, not their spelling"},
	{"NumericEquals", `10.5`, one("10.5"), true, opNumeric, "decimals"},
	{"NumericEquals", `"10"`, one("11"), false, opNumeric, "another number"},
	{"NumericEquals", `"10"`, one("ten"), false, opNumeric, "a word is no number"},
	{"NumericEquals", `"9007199254740993"`, one("9007199254740992"), false, opNumeric, "large numbers are compared exactly"},
	{"NumericEquals", `"0"`, one("-0.0"), true, opNumeric, "zero has no sign"},
	{"NumericNotEquals", `"10"`, one("11"), true, opNumeric, "negated"},
	{"NumericNotEquals", `"10"`, one("010"), false, opNumeric, "negated"},
	{"NumericNotEquals", `"10"`, nil, true, opMissing, "a negated operator holds without the key"},
	{"NumericLessThan", `"10"`, one("9.99"), true, opNumeric, "less"},
	{"NumericLessThan", `"10"`, one("10"), false, opNumeric, "not less"},
	{"NumericLessThan", `"-2"`, one("-10"), true, opNumeric, "negative numbers"},
	{"NumericLessThan", `"10"`, nil, false, opMissing, "no negated operator: without the key it is false"},
	{"NumericLessThanEquals", `"10"`, one("10"), true, opNumeric, "less or equal"},
	{"NumericLessThanEquals", `"10"`, one("10.01"), false, opNumeric, "more"},
	{"NumericGreaterThan", `"10"`, one("10.1"), true, opNumeric, "greater"},
	{"NumericGreaterThan", `"10"`, one("9"), false, opNumeric, "greater by value, not by letters"},
	{"NumericGreaterThanEquals", `"10"`, one("10"), true, opNumeric, "greater or equal"},
	{"NumericGreaterThanEquals", `"10"`, one("9.9"), false, opNumeric, "less"},

	{"DateEquals", `"2026-05-01T12:00:00Z"`, one("2026-05-01T14:00:00+02:00"), true, opDate, "instants are compared"},
	{"DateEquals", `"2026-05-01T12:00:00Z"`, one("1777636800"), true, opDate, "Unix time is a date too"},
	{"DateEquals", `1777636800`, one("2026-05-01T12:00:00Z"), true, opDate, "… on both sides"},
	{"DateEquals", `"2026-05-01T12:00:00Z"`, one("2026-05-01T12:00:01Z"), false, opDate, "another second"},
	{"DateEquals", `"2026-05-01T12:00:00Z"`, one("yesterday"), false, opDate, "a word is no date"},
	{"DateNotEquals", `"2026-05-01"`, one("2026-05-01T00:00:00Z"), false, opDate, "a day is its beginning"},
	{"DateNotEquals", `"2026-05-01"`, one("2026-05-01T00:00:01Z"), true, opDate, "negated"},
	{"DateNotEquals", `"2026-05-01"`, nil, true, opMissing, "a negated operator holds without the key"},
	{"DateLessThan", `"2026-05-01T12:00Z"`, one("2026-05-01T11:59:59.9Z"), true, opDate, "before; fractions of seconds"},
	{"DateLessThan", `"2026-05-01T12:00Z"`, one("2026-05-01T12:00:00Z"), false, opDate, "not before"},
	{"DateLessThanEquals", `"2026-05"`, one("2026-05-01T00:00:00Z"), true, opDate, "at"},
	{"DateLessThanEquals", `"2026-05"`, one("2026-05-01T00:00:01Z"), false, opDate, "after"},
	{"DateGreaterThan", `"2026"`, one("2026-01-01T00:00:01Z"), true, opDate, "after; four digits are a year"},
	{"DateGreaterThan", `"2026"`, one("2025-12-31T23:59:59Z"), false, opDate, "before"},
	{"DateGreaterThanEquals", `"2026-05-01T12:00:00Z"`, one("2026-05-01T12:00:00Z"), true, opDate, "at"},
	{"DateGreaterThanEquals", `"2026-05-01T12:00:00Z"`, one("2026-05-01T11:59:59Z"), false, opDate, "before"},
	{"DateGreaterThan", `"2026-05-01T12:00:00Z"`, nil, false, opMissing, "without aws:TokenIssueTime, a limit on it does not match"},

	{"Bool", `"true"`, one("true"), true, opBool, "the same boolean"},
	{"Bool", `true`, one("true"), true, opBool, "quotes are optional"},
	{"Bool", `"false"`, one("true"), false, opBool, "the other one"},
	{"Bool", `"false"`, nil, false, opBool, "a missing key is not false"},
	{"Bool", `["true"]`, one("true"), true, "IoT Core, Thing policy examples", "the guide writes the value of IsAttached as a list"},

	{"BinaryEquals", `"QmluYXJ5VmFsdWVJbkJhc2U2NA=="`, one("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), true, opBinary, "the same bytes"},
	{"BinaryEquals", `"QmluYXJ5VmFsdWVJbkJhc2U2NA=="`, one("ASIAIOSFODNN7EXAMPLE"), false, opBinary, "other bytes"},
	{"BinaryEquals", `"QmluYXJ5VmFsdWVJbkJhc2U2NA=="`, one("not base64"), false, opBinary, "no bytes at all"},
	{"BinaryEquals", `"QmluYXJ5VmFsdWVJbkJhc2U2NA=="`, nil, false, opBinary, "without the key, nothing matches"},

	{"IpAddress", `"203.0.113.0/24"`, one("203.0.113.1"), true, opIP, "inside the network"},
	{"IpAddress", `"203.0.113.0/24"`, one("198.51.100.1"), false, opIP, "outside"},
	{"IpAddress", `"203.0.113.7"`, one("203.0.113.7"), true, opIP, "an address alone is a network of one"},
	{"IpAddress", `"203.0.113.7"`, one("203.0.113.8"), false, opIP, "… and of no more"},
	{"IpAddress", `["203.0.113.0/24", "2001:DB8:1234:5678::/64"]`, one("2001:db8:1234:5678::9"), true, opIP, "IPv6, mixed with IPv4"},
	{"IpAddress", `"2001:DB8:1234:5678::/64"`, one("2001:db8:1234:5679::9"), false, opIP, "another IPv6 network"},
	{"IpAddress", `"203.0.113.0/24"`, one("::ffff:203.0.113.1"), true, opIP, "an IPv4 address in IPv6 form is still that address"},
	{"IpAddress", `"0.0.0.0/0"`, one("here"), false, opIP, "a word is no address"},
	{"IpAddress", `"203.0.113.0/24"`, nil, false, opIP, "without the key, nothing matches"},
	{"NotIpAddress", `"203.0.113.0/24"`, one("198.51.100.1"), true, opIP, "all but the network"},
	{"NotIpAddress", `"203.0.113.0/24"`, one("203.0.113.255"), false, opIP, "all but the network"},
	{"NotIpAddress", `"203.0.113.0/24"`, nil, true, opMissing, "a negated operator holds without the key"},

	{"ArnEquals", `"arn:aws:sns:r:1:TOPIC-ID"`, one("arn:aws:sns:r:1:TOPIC-ID"), true, opARN, "the same ARN"},
	{"ArnEquals", `"arn:aws:sns:r:1:TOPIC-ID"`, one("arn:aws:sns:r:7:TOPIC-ID"), false, opARN, "another account"},
	{"ArnEquals", `"arn:aws:sns:r:1:T*"`, one("arn:aws:sns:r:1:TOPIC-ID"), true, opARN, "ArnEquals is ArnLike: wildcards work"},
	{"ArnEquals", `"arn:aws:sns:r:1:TOPIC-ID"`, nil, false, opARN, "without the key, nothing matches"},
	{"ArnLike", `"arn:aws:some:*:111122223333:finance/*"`, one("arn:aws:some:r:111122223333:finance/a/b"), true, opARN, "* within the six segments"},
	{"ArnLike", `"arn:aws:some:*:111122223333:finance/*"`, one(longARN), false, opARN, "segments are compared one by one; no * reaches over a colon"},
	{"StringLike", `"arn:aws:some:*:111122223333:finance/*"`, one(longARN), true, opARN, "… where StringLike does reach"},
	{"ArnLike", `"arn:aws:iot:*:*:thing/?"`, one(thingX), true, opARN, "? is one character"},
	{"ArnLike", `"arn:aws:iot:*:*:thing/x"`, one("arn:aws:iot:r:a:thing/X"), false, opARN, "case matters"},
	{"ArnLike", `"arn:aws:iot:*:*:a*c"`, one("arn:aws:iot:r:a:a:b:c"), true, opARN, "the sixth segment is all the rest"},
	{"ArnNotEquals", `"arn:aws:iot:*:*:thing/x"`, one(thingX), false, opARN, "negated"},
	{"ArnNotEquals", `"arn:aws:iot:*:*:thing/x"`, one(thingY), true, opARN, "negated"},
	{"ArnNotEquals", `"arn:aws:iot:*:*:thing/x"`, nil, true, opMissing, "a negated operator holds without the key"},
	{"ArnNotLike", `["arn:aws:iam::2:user/Ana", "arn:aws:iam::2:user/Mary"]`, one("arn:aws:iam::2:user/Nikki"), true, opNegated, "NOR: none matches"},
	{"ArnNotLike", `["arn:aws:iam::2:user/Ana", "arn:aws:iam::2:user/Mary"]`, one("arn:aws:iam::2:user/Mary"), false, opNegated, "NOR: one matches"},
	{"ArnNotLike", `"arn:aws:iam::2:user/*"`, nil, true, opMissing, "a negated operator holds without the key"},

	{"Null", `"true"`, nil, true, opNull, "true asks that the key is absent"},
	{"Null", `"true"`, one("x"), false, opNull, "it is there"},
	{"Null", `"false"`, one("x"), true, opNull, "false asks that the key is there"},
	{"Null", `false`, nil, false, opNull, "it is absent"},
	{"Null", `"false"`, one(""), false, opARN, "Null with false is what keeps keys with an empty value out"},

	{"StringEqualsIfExists", `"red"`, nil, true, opExists, "true without the key"},
	{"StringEqualsIfExists", `"red"`, one("blue"), false, opExists, "with the key, the operator as usual"},
	{"StringNotEqualsIfExists", `"red"`, nil, true, opExists, "also true for a negated operator"},
	{"StringLikeIfExists", `["t1.*", "t2.*", "m3.*"]`, one("t1.micro"), true, opExists, "with the key, the operator as usual"},
	{"StringLikeIfExists", `["t1.*", "t2.*", "m3.*"]`, one("m2.micro"), false, opExists, "with the key, the operator as usual"},

	{
		"ForAllValues:StringEquals", `["environment", "cost-center"]`,
		[]string{"environment", "cost-center"},
		true, opForAll, "every value of the request is in the policy",
	},
	{"ForAllValues:StringEquals", `["environment", "cost-center"]`, []string{"environment", "dept"}, false, opForAll, "one is not"},
	{"ForAllValues:StringEquals", `["environment"]`, nil, true, opForAll, "true without the key"},
	{"ForAllValues:StringEquals", `["environment"]`, one(""), true, opARN, "true for an empty value"},
	{"ForAllValues:StringNotEquals", `["a", "b"]`, []string{"c", "d"}, true, opString, "negated: no value of the request is in the policy"},
	{"ForAllValues:StringNotEquals", `["a", "b"]`, []string{"c", "b"}, false, opString, "negated: one is"},
	{"ForAllValues:StringEqualsIgnoreCase", `["A", "b"]`, []string{"a", "B"}, true, opString, "every value, ignoring case"},
	{"ForAllValues:StringEqualsIgnoreCase", `["A"]`, []string{"a", "B"}, false, opString, "every value, ignoring case"},
	{"ForAllValues:StringNotEqualsIgnoreCase", `["A"]`, []string{"b", "c"}, true, opString, "no value, ignoring case"},
	{"ForAllValues:StringNotEqualsIgnoreCase", `["A"]`, []string{"b", "a"}, false, opString, "no value, ignoring case"},
	{"ForAllValues:StringLike", `"*.test"`, []string{"a.test", "b.test"}, true, opString, "every value matches a pattern"},
	{"ForAllValues:StringLike", `"*.test"`, []string{"a.test", "b.prod"}, false, opString, "one matches none"},
	{"ForAllValues:StringNotLike", `"*.test"`, []string{"a.prod", "b.prod"}, true, opString, "no value matches a pattern"},
	{"ForAllValues:StringNotLike", `"*.test"`, []string{"a.prod", "b.test"}, false, opString, "one does"},
	{
		"ForAnyValue:StringEquals", `["environment", "cost-center"]`,
		[]string{"environment", "dept"},
		true, opForAny, "one value of the request is in the policy",
	},
	{"ForAnyValue:StringEquals", `["environment", "cost-center"]`, one("dept"), false, opForAny, "none is"},
	{"ForAnyValue:StringEquals", `["environment", "cost-center"]`, nil, false, opForAny, "false without the key"},
	{"ForAnyValue:StringEquals", `"environment"`, one("Environment"), false, opString, "case matters"},
	{"ForAnyValue:StringEqualsIgnoreCase", `"environment"`, one("Environment"), true, opString, "ignoring case"},
	{"ForAnyValue:StringEqualsIgnoreCase", `"environment"`, one("dept"), false, opString, "ignoring case"},
	{"ForAnyValue:StringNotEquals", `["a", "b"]`, []string{"a", "c"}, true, opString, "negated: one value of the request is not in the policy"},
	{"ForAnyValue:StringNotEquals", `["a", "b"]`, []string{"a", "b"}, false, opString, "negated: all are"},
	{"ForAnyValue:StringNotEquals", `["a", "b"]`, nil, false, opForAny, "false without the key, though negated"},
	{"ForAnyValue:StringNotEqualsIgnoreCase", `"A"`, []string{"a", "c"}, true, opString, "negated, ignoring case"},
	{"ForAnyValue:StringNotEqualsIgnoreCase", `"A"`, one("a"), false, opString, "negated, ignoring case"},
	{"ForAnyValue:StringLike", `"*.test"`, []string{"a.test", "b.prod"}, true, opString, "one value matches"},
	{"ForAnyValue:StringLike", `"*.test"`, one("b.prod"), false, opString, "none matches"},
	{"ForAnyValue:StringNotLike", `"*.test"`, []string{"a.test", "b.prod"}, true, opString, "one value does not match"},
	{"ForAnyValue:StringNotLike", `"*.test"`, []string{"a.test"}, false, opString, "all match"},
	{"ForAllValues:Bool", `"true"`, []string{"true", "true"}, true, opBool, "all are true"},
	{"ForAllValues:Bool", `"true"`, []string{"true", "false"}, false, opBool, "one is false"},
	{"ForAnyValue:Bool", `"true"`, []string{"false", "true"}, true, opBool, "one is true"},
	{"ForAnyValue:Bool", `"true"`, []string{"false"}, false, opBool, "none is true"},
	{
		"ForAllValues:ArnLike", `["arn:aws:iot:*:*:thing/x*", "arn:aws:iot:*:*:thing/y"]`,
		[]string{thingX + "x", thingY},
		true, opARN, "every ARN matches",
	},
	{"ForAllValues:ArnLike", `["arn:aws:iot:*:*:thing/x*", "arn:aws:iot:*:*:thing/z"]`, []string{thingX + "x", thingY}, false, opARN, "one does not"},
	{"ForAllValues:ArnEquals", `"arn:aws:iot:*:*:thing/x"`, []string{thingX, thingX}, true, opARN, "every ARN matches"},
	{"ForAllValues:ArnEquals", `"arn:aws:iot:*:*:thing/x"`, nil, true, opARN, "true without the key"},
	{"ForAllValues:ArnEquals", `"arn:aws:iot:*:*:thing/x"`, one(thingY), false, opARN, "another thing"},
	{"ForAllValues:ArnNotEquals", `"arn:aws:iot:*:*:thing/x"`, one(thingY), true, opARN, "negated"},
	{"ForAllValues:ArnNotEquals", `"arn:aws:iot:*:*:thing/x"`, []string{thingY, thingX}, false, opARN, "negated"},
	{"ForAllValues:ArnNotLike", `"arn:aws:iot:*:*:thing/x*"`, one(thingY), true, opARN, "negated"},
	{"ForAllValues:ArnNotLike", `"arn:aws:iot:*:*:thing/x*"`, one(thingX + "x"), false, opARN, "negated"},
	{"ForAnyValue:ArnEquals", `"arn:aws:iot:*:*:thing/x"`, []string{thingY, thingX}, true, opARN, "one ARN matches"},
	{"ForAnyValue:ArnEquals", `"arn:aws:iot:*:*:thing/x"`, one(thingY), false, opARN, "none matches"},
	{"ForAnyValue:ArnLike", `"arn:aws:iot:*:*:thing/x*"`, []string{"arn:aws:iot:r:a:thing/y", thingX + "x"}, true, opARN, "one ARN matches"},
	{"ForAnyValue:ArnLike", `"arn:aws:iot:*:*:thing/x*"`, one(thingY), false, opARN, "none matches"},
	{"ForAnyValue:ArnNotEquals", `"arn:aws:iot:*:*:thing/x"`, []string{thingX, thingY}, true, opARN, "one does not match"},
	{"ForAnyValue:ArnNotEquals", `"arn:aws:iot:*:*:thing/x"`, one(thingX), false, opARN, "all match"},
	{"ForAnyValue:ArnNotLike", `"arn:aws:iot:*:*:thing/x*"`, []string{thingX, thingY}, true, opARN, "one does not match"},
	{"ForAnyValue:ArnNotLike", `"arn:aws:iot:*:*:thing/x*"`, one(thingX + "x"), false, opARN, "all match"},

	{"StringEquals", `"user-${aws:username}"`, one("user-ana"), true, opWhere, "string operators know variables"},
	{"StringEquals", `"user-${aws:username}"`, one("user-bob"), false, opWhere, "another user"},
	{"StringLike", `"home/${aws:username}/*"`, one("home/ana/x"), true, opWhere, "variables beside wildcards"},
	{"StringLike", `"home/${test:star}/*"`, one("home/bob/x"), false, opWhere, "the * in a value is no wildcard"},
	{"StringLike", `"home/${test:star}/*"`, one("home/*/x"), true, opWhere, "… but a character"},
	{"StringEqualsIgnoreCase", `"${aws:username}"`, one("ANA"), true, opWhere, "variables, ignoring case"},
	{"ArnLike", `"arn:aws:iam::1:user/${aws:username}"`, one("arn:aws:iam::1:user/ana"), true, opWhere, "ARN operators know variables"},
	{"ArnEquals", `"${test:arn}"`, one("arn:aws:iam::1:user/ana"), true, opWhere, "… also for the whole ARN"},
	{"ArnEquals", `"${test:arn}"`, one("arn:aws:iam::1:user/bob"), false, opWhere, "… also for the whole ARN"},
	{"Bool", `"${test:true}"`, one("true"), true, opBool, "booleans know variables, by the page on operators"},
	{"Bool", `"${test:true}"`, one("false"), false, opBool, "booleans know variables, by the page on operators"},
	{"StringEquals", `"${test:absent}"`, one(""), false, opNoValue, "a variable without a value matches nothing, not even nothing"},
	{"StringLike", `"${test:absent}*"`, one("x"), false, opNoValue, "… so the * beside it cannot match either"},
	{"StringEquals", `["${test:absent}", "red"]`, one("red"), true, opNoValue, "the other values of the policy are not affected"},
	{"StringNotEquals", `"${test:absent}"`, one("red"), true, opNoValue, "a negated operator holds against a variable without a value"},
	{"StringNotLike", `"${test:absent}*"`, one("red"), true, opNoValue, "a negated operator holds against a variable without a value"},
	{"ArnLike", `"arn:aws:iam::1:user/${test:absent}"`, one("arn:aws:iam::1:user/"), false, opNoValue, "a variable without a value matches nothing"},
	{"ArnNotEquals", `"arn:aws:iam::1:user/${test:absent}"`, one("arn:aws:iam::1:user/"), true, opNoValue, "a negated operator holds"},
	{"StringEquals", `"${test:many}"`, one("a"), false, opKeys, "a multivalued key is no variable"},
	{"StringEquals", `"${test:absent, 'red'}"`, one("red"), true, opDefault, "the default stands for a missing value"},
	{"StringEquals", `"${aws:username, 'red'}"`, one("red"), false, opDefault, "the default does not count where there is a value"},
	{"StringLike", `"a${*}b"`, one("axb"), false, opSpecial, "${*} is an asterisk"},
	{"StringLike", `"a${*}b"`, one("a*b"), true, opSpecial, "${*} is an asterisk"},
	{"StringLike", `"a${?}b"`, one("axb"), false, opSpecial, "${?} is a question mark"},
	{"StringLike", `"a${?}b"`, one("a?b"), true, opSpecial, "${?} is a question mark"},
	{"StringEquals", `"a${$}{b}"`, one("a${b}"), true, opSpecial, "${$} is a dollar sign"},
	{"StringEquals", `"a${$}b"`, one("ab"), false, opSpecial, "${$} is a dollar sign"},
}
