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

// keysCmd manages access keys. It speaks to a running server over its socket, else opens the data directory itself.
type keysCmd struct {
	Create     createKeyCmd     `cmd:"" help:"Create an access key; its secret is shown once."`
	List       listKeysCmd      `cmd:"" help:"List access keys, and when they were last used."`
	Deactivate deactivateKeyCmd `cmd:"" help:"Make an access key inactive: requests signed with it are refused until it is activated again."`
	Activate   activateKeyCmd   `cmd:"" help:"Make an inactive access key active again."`
	Revoke     revokeKeyCmd     `cmd:"" help:"Revoke an access key: requests signed with it are refused from now on."`
}

type createKeyCmd struct {
	place

	User        registry.UserName `placeholder:"NAME" help:"Whose key it is; without it, the account's own, which may do everything."`
	Description string            `help:"What the key is for."`
}

type listKeysCmd struct {
	place

	User registry.UserName `placeholder:"NAME" help:"Only the keys of this user."`
}

// keyArg is the key that is meant.
type keyArg struct {
	ID string `arg:"" name:"access-key-id" help:"The key's id."`
}

type deactivateKeyCmd struct {
	place
	keyArg
}

type activateKeyCmd struct {
	place
	keyArg
}

type revokeKeyCmd struct {
	place
	keyArg
}

func (c *createKeyCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(k operator) error {
		key, secret, err := k.CreateAccessKey(ctx, service.CreateAccessKeyInput{Description: c.Description, User: c.User})
		if err != nil {
			return err
		}
		fmt.Printf("aws_access_key_id = %s\naws_secret_access_key = %s\n", key.ID, secret)
		fmt.Fprintln(os.Stderr, "The secret is not shown again.")
		return nil
	})
}

func (c *listKeysCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(k operator) error {
		keys, err := c.keys(ctx, k)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ACCESS KEY ID\tUSER\tSTATUS\tCREATED\tLAST USED\tDESCRIPTION")
		for _, key := range keys {
			user := string(key.User)
			if user == "" {
				user = "-"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", key.ID, user, keyStatus(key), key.CreatedAt.Format(time.RFC3339), lastUse(key), key.Description)
		}
		return table.Flush()
	})
}

func (c *listKeysCmd) keys(ctx context.Context, k operator) ([]service.AccessKey, error) {
	all, err := k.ListAccessKeys(ctx)
	if err != nil || c.User == "" {
		return all, err
	}
	user, err := k.DescribeUser(ctx, c.User)
	return user.Keys, err
}

func keyStatus(key service.AccessKey) string {
	if key.Inactive {
		return "inactive"
	}
	return "active"
}

// lastUse is when the key was last used, to a few minutes, and for which service.
func lastUse(key service.AccessKey) string {
	if key.LastUse == nil {
		return "never"
	}
	return fmt.Sprintf("%s %s %s", key.LastUse.At.Format(time.RFC3339), key.LastUse.Service, key.LastUse.Region)
}

func (c *deactivateKeyCmd) Run(ctx context.Context) error {
	return c.update(ctx, c.keyArg, false, "%s is inactive.\n")
}

func (c *activateKeyCmd) Run(ctx context.Context) error {
	return c.update(ctx, c.keyArg, true, "%s is active.\n")
}

func (p place) update(ctx context.Context, key keyArg, active bool, done string) error {
	return p.with(ctx, func(k operator) error {
		if err := k.UpdateAccessKey(ctx, key.ID, active); err != nil {
			return err
		}
		fmt.Printf(done, key.ID)
		return nil
	})
}

func (c *revokeKeyCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(k operator) error {
		if err := k.RevokeAccessKey(ctx, c.ID); err != nil {
			return err
		}
		fmt.Printf("%s is revoked.\n", c.ID)
		return nil
	})
}
