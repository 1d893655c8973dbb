package wire

import (
	"regexp"
	"time"

	"iotjobs/internal/jobs"
)

// The configurations of a job; the larger ones have a file of their own. Each is read in two steps, as AWS does: the reader collects what
// is wrong with single members, check tells what does not go together. Absent ones are nil or zero, and so are their values.

type presignedURL struct{ roleARN string }

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[!-~]+$`)

// Bounds of presignedUrlConfig.
const (
	minRoleARN, maxRoleARN     = 20, 2048
	minExpiresIn, maxExpiresIn = 60, 3600 // seconds
)

func (r *Reader) presignedURL() *presignedURL {
	c := r.Object("presignedUrlConfig")
	if c == nil {
		return nil
	}
	var p presignedURL
	p.roleARN, _ = c.String("roleArn") // measured: its length is not among the violations
	c.Long("expiresInSec", Min(minExpiresIn), Max(maxExpiresIn))
	return &p
}

func (p *presignedURL) check() error {
	if p == nil || p.roleARN == "" {
		return nil
	}
	if n := len(p.roleARN); n < minRoleARN || n > maxRoleARN || !roleARN.MatchString(p.roleARN) {
		return jobs.Errorf(jobs.InvalidRequest, "Given role %s is invalid.", p.roleARN)
	}
	return nil
}

// presignedURLConfig is the member of DescribeJob. Nothing sets it yet, and unset it is an object of nulls (CTRL-1.3).
type presignedURLConfig struct {
	RoleARN      unset `json:"roleArn"`
	ExpiresInSec unset `json:"expiresInSec"`
}

// timeoutRequest is timeoutConfig as it was asked for.
type timeoutRequest struct {
	minutes int64
	set     bool // the member inside
}

func (r *Reader) timeout() *timeoutRequest {
	c := r.Object("timeoutConfig")
	if c == nil {
		return nil
	}
	t := timeoutRequest{set: c.Has("inProgressTimeoutInMinutes")}
	t.minutes, _ = c.Long("inProgressTimeoutInMinutes")
	return &t
}

func (t *timeoutRequest) check() error {
	switch {
	case t == nil || t.minutes >= 1 && t.minutes <= maxInProgressTimeout:
		return nil
	case !t.set:
		return jobs.Errorf(jobs.InvalidRequest, "Provide valid timeout value, inProgressTimeoutInMinutes cannot be null.")
	default:
		return jobs.Errorf(jobs.InvalidRequest, "Provide valid timeout value, inProgressTimeoutInMinutes cannot be %d.", t.minutes)
	}
}

// value is the time that an execution may be in progress; zero for ever. Only for what passed the check.
func (t *timeoutRequest) value() time.Duration {
	if t == nil {
		return 0
	}
	return time.Duration(t.minutes) * time.Minute
}

// timeoutConfig is the member of DescribeJob; unset it is an object of null (CTRL-1.3).
type timeoutConfig struct {
	InProgressTimeoutInMinutes *int64 `json:"inProgressTimeoutInMinutes"`
}

func showTimeout(timeout time.Duration) (c timeoutConfig) {
	if timeout > 0 {
		minutes := int64(timeout / time.Minute)
		c.InProgressTimeoutInMinutes = &minutes
	}
	return c
}
