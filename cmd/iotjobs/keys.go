package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"
)

// keysCmd manages access keys. It speaks to a running server over its socket, else opens the data directory itself.
type keysCmd struct {
	Create createKeyCmd `cmd:"" help:"Create an access key; its secret is shown once."`
	List   listKeysCmd  `cmd:"" help:"List access keys."`
	Revoke revokeKeyCmd `cmd:"" help:"Revoke an access key: requests signed with it are refused from now on."`
}

type createKeyCmd struct {
	place

	Description string `help:"What the key is for."`
}

type listKeysCmd struct {
	place
}

type revokeKeyCmd struct {
	place

	ID string `arg:"" name:"access-key-id" help:"The key to revoke."`
}

func (c *createKeyCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(k operator) error {
		key, secret, err := k.CreateAccessKey(ctx, c.Description)
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
		keys, err := k.ListAccessKeys(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ACCESS KEY ID\tCREATED\tDESCRIPTION")
		for _, key := range keys {
			fmt.Fprintf(table, "%s\t%s\t%s\n", key.ID, key.CreatedAt.Format(time.RFC3339), key.Description)
		}
		return table.Flush()
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
