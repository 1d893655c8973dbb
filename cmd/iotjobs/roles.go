package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// rolesCmd manages roles: what devices may do with temporary credentials.
type rolesCmd struct {
	Create       createRoleCmd       `cmd:"" help:"Create a role, which may do nothing yet."`
	List         listRolesCmd        `cmd:"" help:"List roles."`
	Show         showRoleCmd         `cmd:"" help:"Show a role with its policies."`
	Delete       deleteRoleCmd       `cmd:"" help:"Delete a role with its policies; credentials that were given out for it are refused from now on."`
	PutPolicy    putRolePolicyCmd    `cmd:"" name:"put-policy" help:"Give a role a policy, or replace it; it holds at the next call."`
	DeletePolicy deleteRolePolicyCmd `cmd:"" name:"delete-policy" help:"Take a policy from a role."`
}

// roleArg is the role that is meant.
type roleArg struct {
	Name registry.RoleName `arg:"" help:"The role's name."`
}

type createRoleCmd struct {
	place
	roleArg

	Description string        `help:"What the role is for."`
	MaxSession  time.Duration `name:"max-session-duration" default:"1h" placeholder:"DURATION" help:"How long its credentials live at most: 15m to 1h (default ${default})."`
}

type listRolesCmd struct {
	place
}

type showRoleCmd struct {
	place
	roleArg
}

type deleteRoleCmd struct {
	place
	roleArg
}

type putRolePolicyCmd struct {
	place
	roleArg
	policyFlag

	File string `required:"" type:"existingfile" help:"The policy: a JSON document, as IAM knows it."`
}

type deleteRolePolicyCmd struct {
	place
	roleArg
	policyFlag
}

func (c *createRoleCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		role, err := o.CreateRole(ctx, service.CreateRoleInput{Name: c.Name, Description: c.Description, MaxSession: c.MaxSession})
		if err != nil {
			return err
		}
		fmt.Printf("Role %s is %s.\n", role.Name, role.ID)
		return nil
	})
}

func (c *listRolesCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		roles, err := o.ListRoles(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "NAME\tROLE ID\tMAX SESSION\tCREATED\tDESCRIPTION")
		for _, role := range roles {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", role.Name, role.ID, role.MaxSession, role.CreatedAt.Format(time.RFC3339), role.Description)
		}
		return table.Flush()
	})
}

func (c *showRoleCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		found, err := o.DescribeRole(ctx, c.Name)
		if err != nil {
			return err
		}
		role := found.Role
		fmt.Printf("Role %s is %s, created %s.\n", role.Name, role.ID, role.CreatedAt.Format(time.RFC3339))
		if role.Description != "" {
			fmt.Printf("It is for: %s\n", role.Description)
		}
		fmt.Printf("Devices take it on over role aliases, with their certificates, for %s at most; nobody else does.\n", role.MaxSession)
		for _, p := range found.Policies {
			fmt.Printf("Policy %s:\n%s\n", p.Name, p.Document)
		}
		return nil
	})
}

func (c *deleteRoleCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		if err := o.DeleteRole(ctx, c.Name); err != nil {
			return err
		}
		fmt.Printf("Role %s is deleted.\n", c.Name)
		return nil
	})
}

func (c *putRolePolicyCmd) Run(ctx context.Context) error {
	document, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	return c.with(ctx, func(o operator) error {
		if err := o.PutRolePolicy(ctx, service.RolePolicyInput{Role: c.Name, Name: c.Policy, Document: string(document)}); err != nil {
			return err
		}
		fmt.Printf("Role %s has policy %s.\n", c.Name, c.Policy)
		return nil
	})
}

func (c *deleteRolePolicyCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		if err := o.DeleteRolePolicy(ctx, service.RolePolicyInput{Role: c.Name, Name: c.Policy}); err != nil {
			return err
		}
		fmt.Printf("Role %s has no policy %s any more.\n", c.Name, c.Policy)
		return nil
	})
}
