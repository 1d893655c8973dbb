package controlhttp

import (
	"iotjobs/internal/httpapi"
	"iotjobs/internal/jobs"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

func encodeEventConfigurations(c service.EventConfigurations) any {
	return wire.EventConfigurations(c.Enabled, c.CreatedAt, c.LastModifiedAt)
}

func decodeEventConfigurations(q *httpapi.Request) (map[jobs.EventType]bool, error) {
	return q.EventConfigurations(), nil
}
