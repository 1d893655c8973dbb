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

// usersCmd manages users: who signs requests with access keys of his own, and what his policies allow.
type usersCmd struct {
	Create       createUserCmd       `cmd:"" help:"Create a user, who may do nothing yet."`
	List         listUsersCmd        `cmd:"" help:"List users."`
	Show         showUserCmd         `cmd:"" help:"Show a user with his access keys and policies."`
	Delete       deleteUserCmd       `cmd:"" help:"Delete a user who has no access key, with his policies."`
	PutPolicy    putUserPolicyCmd    `cmd:"" name:"put-policy" help:"Give a user a policy, or replace it; it holds at the next call."`
	DeletePolicy deleteUserPolicyCmd `cmd:"" name:"delete-policy" help:"Take a policy from a user."`
}

// userArg is the user that is meant.
type userArg struct {
	Name registry.UserName `arg:"" help:"The user's name."`
}

// policyFlag is the policy that is meant.
type policyFlag struct {
	Policy registry.PolicyName `name:"policy-name" required:"" placeholder:"NAME" help:"The policy's name."`
}

type createUserCmd struct {
	place
	userArg
}

type listUsersCmd struct {
	place
}

type showUserCmd struct {
	place
	userArg
}

type deleteUserCmd struct {
	place
	userArg
}

type putUserPolicyCmd struct {
	place
	userArg
	policyFlag

	File string `required:"" type:"existingfile" help:"The policy: a JSON document, as IAM knows it."`
}

type deleteUserPolicyCmd struct {
	place
	userArg
	policyFlag
}

func (c *createUserCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		user, err := o.CreateUser(ctx, c.Name)
		if err != nil {
			return err
		}
		fmt.Printf("User %s is %s.\n", user.Name, user.ID)
		return nil
	})
}

func (c *listUsersCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		users, err := o.ListUsers(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "NAME\tUSER ID\tCREATED")
		for _, user := range users {
			fmt.Fprintf(table, "%s\t%s\t%s\n", user.Name, user.ID, user.CreatedAt.Format(time.RFC3339))
		}
		return table.Flush()
	})
}

func (c *showUserCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		found, err := o.DescribeUser(ctx, c.Name)
		if err != nil {
			return err
		}
		fmt.Printf("User %s is %s, created %s.\n", found.User.Name, found.User.ID, found.User.CreatedAt.Format(time.RFC3339))
		for _, key := range found.Keys {
			fmt.Printf("Access key %s, %s, last used: %s.\n", key.ID, keyStatus(key), lastUse(key))
		}
		for _, p := range found.Policies {
			fmt.Printf("Policy %s:\n%s\n", p.Name, p.Document)
		}
		return nil
	})
}

func (c *deleteUserCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		if err := o.DeleteUser(ctx, c.Name); err != nil {
			return err
		}
		fmt.Printf("User %s is deleted.\n", c.Name)
		return nil
	})
}

func (c *putUserPolicyCmd) Run(ctx context.Context) error {
	document, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	return c.with(ctx, func(o operator) error {
		if err := o.PutUserPolicy(ctx, service.UserPolicyInput{User: c.Name, Name: c.Policy, Document: string(document)}); err != nil {
			return err
		}
		fmt.Printf("User %s has policy %s.\n", c.Name, c.Policy)
		return nil
	})
}

func (c *deleteUserPolicyCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(o operator) error {
		if err := o.DeleteUserPolicy(ctx, service.UserPolicyInput{User: c.Name, Name: c.Policy}); err != nil {
			return err
		}
		fmt.Printf("User %s has no policy %s any more.\n", c.Name, c.Policy)
		return nil
	})
}
