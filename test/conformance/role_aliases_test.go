package conformance_test

import "testing"

func TestRoleAliases(t *testing.T) { play(t, roleAliasCases) }

func roleARN(name string) string { return "arn:aws:iam::" + account + ":role/" + name }

const cameraARN = "arn:aws:iot:" + region + ":" + account + ":rolealias/camera"

// makeRoles makes roles as whoever runs the server makes them.
func (s *server) makeRoles(names []string) {
	s.t.Helper()
	for _, name := range names {
		s.runs("roles", "create", name)
	}
}

const aliasPattern = `satisfy regular expression pattern: [\w=,@-]+`

var roleAliasCases = []Case{
	{
		Name:  "a role alias is made, described, changed, listed and deleted",
		Roles: []string{"camera-role", "door-role"},
		Steps: []Step{
			control("CreateRoleAlias", Members{"roleAlias": "camera", "roleArn": roleARN("camera-role")}).
				gives(exactly{"roleAlias": "camera", "roleAliasArn": cameraARN}),
			control("DescribeRoleAlias", Members{"roleAlias": "camera"}).
				gives(exactly{"roleAliasDescription": exactly{
					"roleAlias": "camera", "roleAliasArn": cameraARN, "roleArn": roleARN("camera-role"), "owner": account,
					"credentialDurationSeconds": 3600, "creationDate": today, "lastModifiedDate": today,
				}}),
			control("UpdateRoleAlias", Members{"roleAlias": "camera", "roleArn": roleARN("door-role"), "credentialDurationSeconds": 900}).
				gives(exactly{"roleAlias": "camera", "roleAliasArn": cameraARN}),
			control("UpdateRoleAlias", Members{"roleAlias": "camera"}).sdks().gives(Members{"roleAlias": "camera"}),
			control("DescribeRoleAlias", Members{"roleAlias": "camera"}).sdks().
				gives(Members{"roleAliasDescription": Members{"roleArn": roleARN("door-role"), "credentialDurationSeconds": 900}}),
			control("ListRoleAliases", Members{}).gives(exactly{"roleAliases": List{"camera"}}),
			control("DeleteRoleAlias", Members{"roleAlias": "camera"}).gives(exactly{}),
			control("ListRoleAliases", Members{}).sdks().gives(exactly{"roleAliases": List{}}),
		},
	},
	{
		Name:    "role aliases are listed in alphabetical order, page by page",
		Clients: sdks(),
		Roles:   []string{"device"},
		Given: []Step{
			control("CreateRoleAlias", Members{"roleAlias": "b", "roleArn": roleARN("device")}),
			control("CreateRoleAlias", Members{"roleAlias": "c", "roleArn": roleARN("device")}),
			control("CreateRoleAlias", Members{"roleAlias": "a", "roleArn": roleARN("device")}),
		},
		Steps: []Step{
			control("ListRoleAliases", Members{"ascendingOrder": true}).paged(2).gives(Members{"roleAliases": List{"a", "b", "c"}}),
			control("ListRoleAliases", Members{}).paged(1).gives(Members{"roleAliases": List{"c", "b", "a"}}),
		},
	},
	{
		Name:  "a role alias that exists, and one that does not",
		Roles: []string{"device"},
		Given: []Step{control("CreateRoleAlias", Members{"roleAlias": "camera", "roleArn": roleARN("device")})},
		Steps: []Step{
			control("CreateRoleAlias", Members{"roleAlias": "camera", "roleArn": roleARN("device")}).
				fails(409, "ResourceAlreadyExistsException", containing("camera")).
				naming(Members{"resourceId": "camera", "resourceArn": cameraARN}),
			control("DescribeRoleAlias", Members{"roleAlias": "door"}).fails(404, "ResourceNotFoundException", containing("door")),
			control("UpdateRoleAlias", Members{"roleAlias": "door"}).sdks().fails(404, "ResourceNotFoundException", containing("door")),
			control("DeleteRoleAlias", Members{"roleAlias": "door"}).sdks().fails(404, "ResourceNotFoundException", containing("door")),
		},
	},
	{
		Name:    "role aliases that could give out nothing, and malformed ones",
		Clients: sdks(),
		Roles:   []string{"device"},
		Steps: []Step{
			control("CreateRoleAlias", Members{"roleAlias": "has.dot", "roleArn": roleARN("device")}).
				fails(400, "InvalidRequestException", oneViolation("has.dot", "roleAlias", aliasPattern)),
			control("CreateRoleAlias", Members{"roleAlias": "camera", "roleArn": roleARN("nobody")}).fails(400, "InvalidRequestException", containing("nobody")),
			control("CreateRoleAlias", Members{"roleAlias": "camera", "roleArn": "arn:aws:iam::999999999999:role/device"}).
				fails(400, "InvalidRequestException", containing("999999999999")),
			control("CreateRoleAlias", Members{"roleAlias": "camera", "roleArn": roleARN("device"), "credentialDurationSeconds": 43200}).
				fails(400, "InvalidRequestException", containing("43200")),
			control("DescribeRoleAlias", Members{"roleAlias": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "roleAlias", aliasPattern)),
			control("UpdateRoleAlias", Members{"roleAlias": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "roleAlias", aliasPattern)),
			control("DeleteRoleAlias", Members{"roleAlias": "has.dot"}).fails(400, "InvalidRequestException", oneViolation("has.dot", "roleAlias", aliasPattern)),
			control("ListRoleAliases", Members{"pageSize": 251}).fails(400, "InvalidRequestException", oneViolation("251", "pageSize", tooMany)),
			control("ListRoleAliases", Members{}).gives(exactly{"roleAliases": List{}}),
		},
	},
}
