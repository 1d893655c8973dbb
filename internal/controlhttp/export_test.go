package controlhttp

import (
	"log/slog"
	"slices"

	"iotjobs/internal/httpapi"
	"iotjobs/internal/service"
)

// Routed names the operations that are executed.
func Routed() (operations []string) {
	p := Plane{Service: &service.Service{}, Log: slog.New(slog.DiscardHandler)}
	for _, r := range slices.Concat(p.routes(&httpapi.API{}), p.identityRoutes(&httpapi.API{}), p.roleAliasRoutes(&httpapi.API{})) {
		operations = append(operations, r.operation)
	}
	return operations
}
