package service

import (
	"encoding/json"
	"fmt"
	"strings"

	"iotjobs/internal/store"
)

// readRecord reads a row that putRecord wrote; nil without an error if there is none.
func readRecord[T any](tx store.ReadTx, kind store.RecordKind, id string) (*T, error) {
	raw, err := tx.Record(kind, id)
	if err != nil || raw == nil {
		return nil, err
	}
	row := new(T)
	if err := json.Unmarshal(raw, row); err != nil {
		return nil, fmt.Errorf("decode %s %s: %w", kind, id, err)
	}
	return row, nil
}

func putRecord[T any](tx store.Tx, kind store.RecordKind, id string, row *T) error {
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	return tx.PutRecord(kind, id, raw)
}

// recordsUnder lists the records whose ids begin with a prefix, by id, from after on. Ids of two parts have a slash in between, which stands in
// no name and no id.
func recordsUnder(tx store.ReadTx, kind store.RecordKind, prefix, after string, limit int) ([]store.Record, error) {
	records, err := tx.Records(kind, max(prefix, after), limit)
	for i, record := range records {
		if !strings.HasPrefix(record.ID, prefix) {
			return records[:i], err
		}
	}
	return records, err
}

// fewRecords is how many allUnder reads at once. A store does not know where a prefix ends, so that each read beyond it is in vain.
const fewRecords = 4

// allUnder lists them all; they must be few.
func allUnder(tx store.ReadTx, kind store.RecordKind, prefix string) (all []store.Record, err error) {
	for after := prefix; ; {
		page, err := recordsUnder(tx, kind, prefix, after, fewRecords)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < fewRecords {
			return all, nil
		}
		after = page[len(page)-1].ID
	}
}

// part is what follows the prefix in a record's id.
func part(record store.Record, prefix string) string { return strings.TrimPrefix(record.ID, prefix) }
