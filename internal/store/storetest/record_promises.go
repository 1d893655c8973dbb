package storetest

import (
	"bytes"
	"fmt"

	"iotjobs/internal/store"
)

func recordPromises() []promise {
	return []promise{
		{name: "a record reads as it was written", run: recordRoundTrip},
		{name: "records are listed by id within their kind", run: recordLists},
	}
}

func (p *probe) setting(id string) (value []byte) {
	p.view("read record", func(tx store.ReadTx) (err error) {
		value, err = tx.Record(store.SettingRecord, id)
		return err
	})
	return value
}

func recordRoundTrip(p *probe) {
	if got := p.setting("none"); got != nil {
		p.failf("a record that does not exist is %q, want nil", got)
	}
	big := bytes.Repeat([]byte{0, 0xff, '\n'}, 20000)
	for _, value := range [][]byte{{1}, big, []byte("x")} {
		p.update("put record", func(tx store.Tx) error { return tx.PutRecord(store.SettingRecord, "Id/ü", value) })
		if got := p.setting("Id/ü"); !bytes.Equal(got, value) {
			p.failf("a record of %d bytes was read as %d other bytes", len(value), len(got))
		}
	}
	if got := p.setting("id/ü"); got != nil {
		p.failf("a record of another id is %q, want nil", got)
	}
	p.update("delete records", func(tx store.Tx) error {
		return firstError(tx.DeleteRecord(store.SettingRecord, "Id/ü"), tx.DeleteRecord(store.SettingRecord, "none"))
	})
	if got := p.setting("Id/ü"); got != nil {
		p.failf("a deleted record is %q, want nil", got)
	}
}

func recordLists(p *probe) {
	want := map[store.RecordKind][]store.Record{}
	for _, kind := range recordKinds {
		for _, id := range trickyNames {
			want[kind] = append(want[kind], store.Record{ID: string(id), Value: fmt.Appendf(nil, "%s of %s", id, kind)})
		}
		p.update("put records", func(tx store.Tx) error {
			for _, r := range want[kind] {
				if err := tx.PutRecord(kind, r.ID, r.Value); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, kind := range recordKinds {
		inPages(p, "records of "+string(kind), want[kind], func(tx store.ReadTx, page func() int) ([]store.Record, error) {
			return allRecords(tx, kind, page)
		})
	}
	inPages(p, "records of no kind", nil, func(tx store.ReadTx, page func() int) ([]store.Record, error) { return allRecords(tx, "settin", page) })
}
