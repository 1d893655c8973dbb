package postgres

import (
	"fmt"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store/rowcodec"
)

// encodeEvents appends the rows of events to a list.
func encodeEvents(rows [][]byte, events []jobs.Event) ([][]byte, error) {
	for i := range events {
		row, err := rowcodec.OfEvent(&events[i])
		if err != nil {
			return nil, err
		}
		value, err := encode(&row)
		if err != nil {
			return nil, fmt.Errorf("encode an event of job %s: %w", events[i].JobID, err)
		}
		rows = append(rows, value)
	}
	return rows, nil
}

func decodeEvent(number uint64, value []byte) (jobs.Event, error) {
	var row rowcodec.Event
	if err := decoder.Unmarshal(value, &row); err != nil {
		return jobs.Event{}, fmt.Errorf("decode event %d: %w", number, err)
	}
	return row.Value(number)
}
