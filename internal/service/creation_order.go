package service

import (
	"errors"
	"fmt"

	"iotjobs/internal/store"
)

// creationOrder is a list of ids in the order in which their rows were made, both ways: the newest first is how AWS lists certificates and
// policies, ascendingOrder turns it round (CTRL-3.5.21). A store lists records one way only, so each id stands in it twice.
type creationOrder string

// The lists, beside those of one CA and of one policy.
const (
	certificatesMade   creationOrder = "certificate/"
	caCertificatesMade creationOrder = "ca-certificate/"
	policiesMade       creationOrder = "policy/"
)

func (o creationOrder) keys(number uint64) (ascending, descending string) {
	return fmt.Sprintf("%sa%016x", o, number), fmt.Sprintf("%sd%016x", o, ^number)
}

// add puts an id into the list; number is from the store's sequence.
func (o creationOrder) add(tx store.Tx, number uint64, id string) error {
	ascending, descending := o.keys(number)
	return errors.Join(
		tx.PutRecord(store.CreationOrderRecord, ascending, []byte(id)),
		tx.PutRecord(store.CreationOrderRecord, descending, []byte(id)),
	)
}

func (o creationOrder) remove(tx store.Tx, number uint64) error {
	ascending, descending := o.keys(number)
	return errors.Join(tx.DeleteRecord(store.CreationOrderRecord, ascending), tx.DeleteRecord(store.CreationOrderRecord, descending))
}

// OrderedPage asks for a part of a list that has an order of creation.
type OrderedPage struct {
	Page

	// Ascending is the oldest first; else the newest.
	Ascending bool
}

// page fills a page with what row reads for each id; nil rows are left out.
func page[T any](tx store.ReadTx, o creationOrder, in OrderedPage, row func(id string) (*T, error)) (rows []*T, nextToken string, err error) {
	after, err := cursorOf[string](in.Page)
	if err != nil {
		return nil, "", err
	}
	prefix := string(o) + "d"
	if in.Ascending {
		prefix = string(o) + "a"
	}
	list := func(after string, limit int) ([]store.Record, error) {
		return recordsUnder(tx, store.CreationOrderRecord, prefix, after, limit)
	}
	all := func(store.Record) bool { return true }
	records, nextToken, err := scan(in.size(), after, all, list, func(r store.Record) string { return r.ID })
	for _, record := range records {
		found, err := row(string(record.Value))
		if err != nil {
			return nil, "", err
		}
		if found != nil {
			rows = append(rows, found)
		}
	}
	return rows, nextToken, err
}
