package wire

import (
	"strconv"
	"time"
)

// Timestamp is a time on the control plane: epoch seconds with milliseconds, never in exponent notation; the zero time is null (CTRL-1).
type Timestamp time.Time

// MarshalJSON writes 1560787022.733.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	if time.Time(t).IsZero() {
		return []byte("null"), nil
	}
	const digits, perSecond = 3, 1000
	return strconv.AppendFloat(nil, float64(time.Time(t).UnixMilli())/perSecond, 'f', digits, 64), nil
}

// unset is a member that this version never sets. The control plane writes it as null (CTRL-1).
type unset = *struct{}

// ControlErrorReply is the body of every refusal. The resource is there when a name is taken.
type ControlErrorReply struct {
	Message     string `json:"message"`
	ResourceID  string `json:"resourceId,omitempty"`
	ResourceARN string `json:"resourceArn,omitempty"`
}

// EndpointReply answers DescribeEndpoint.
type EndpointReply struct {
	EndpointAddress string `json:"endpointAddress"`
}

// orNull is null for an empty string.
func orNull[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

// orNone is never nil: an empty list is [] on the wire.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
