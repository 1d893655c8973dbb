package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"time"

	"iotjobs/internal/controlhttp"
	"iotjobs/internal/jobs"
	"iotjobs/internal/rollout"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// planCmd shows what a job would do, before it is made.
type planCmd struct {
	realmPlace

	JobFile       string        `name:"job-file" required:"" placeholder:"FILE" help:"The job: the JSON that aws iot create-job takes with --cli-input-json. \"-\" reads standard input."`
	Success       float64       `default:"100" placeholder:"PERCENT" help:"Share of executions that succeed; the others fail (default ${default})."`
	ExecutionTime time.Duration `default:"1m" placeholder:"DURATION" help:"How long an execution takes from being queued to its end (default ${default})."`
}

// realmPlace also says where the ARNs of a stopped server live; a running one knows.
type realmPlace struct {
	place

	Region    string `name:"region" env:"IOTJOBS_REGION" default:"us-east-1" placeholder:"REGION" help:"AWS region of a server that is stopped."`
	AccountID string `name:"account-id" env:"IOTJOBS_ACCOUNT_ID" default:"123456789012" placeholder:"ID" help:"AWS account of a server that is stopped."`
}

// planRequest is a job to be planned. Realm is where its ARNs live; a running server takes its own.
type planRequest struct {
	Job                json.RawMessage `json:"job"`
	SuccessBasisPoints int64           `json:"successBasisPoints"`
	ExecutionTime      time.Duration   `json:"executionTime"`
	Realm              wire.Realm      `json:"-"`
}

// maxPlanBody bounds a job file.
const maxPlanBody = 1 << 20

// Run prints the plan.
func (c *planCmd) Run(ctx context.Context) error {
	if c.Success < 0 || c.Success > 100 {
		return fmt.Errorf("--success: %g is not between 0 and 100", c.Success)
	}
	if c.ExecutionTime <= 0 {
		return fmt.Errorf("--execution-time: %s is not positive", c.ExecutionTime)
	}
	job, err := readJobFile(c.JobFile)
	if err != nil {
		return err
	}
	in := planRequest{
		Job: job, SuccessBasisPoints: int64(math.Round(c.Success * 100)), ExecutionTime: c.ExecutionTime,
		Realm: wire.Realm{Region: c.Region, Account: c.AccountID},
	}
	return c.with(ctx, func(to operator) error {
		plan, err := to.PlanJob(ctx, in)
		if err == nil {
			printPlan(os.Stdout, plan)
		}
		return err
	})
}

func readJobFile(name string) ([]byte, error) {
	from := io.Reader(os.Stdin)
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // it is only read
		from = file
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxPlanBody+1))
	switch {
	case err != nil:
		return nil, err
	case len(raw) > maxPlanBody:
		return nil, fmt.Errorf("%s is longer than %d bytes", name, maxPlanBody)
	case !json.Valid(raw):
		return nil, fmt.Errorf("%s is not valid JSON", name)
	}
	return raw, nil
}

// planJob reads the job as CreateJob does, and plans it.
func planJob(ctx context.Context, s *service.Service, in planRequest) (service.JobPlan, error) {
	plane := &controlhttp.Plane{Realm: in.Realm, MaxRolloutPerMinute: s.Quotas.RolloutPerMinute}
	config, err := plane.ReadCreateJob(in.Job)
	if err != nil {
		return service.JobPlan{}, err
	}
	return s.PlanJob(ctx, service.PlanJobInput{
		Config: config, Assumed: rollout.Assumptions{SuccessBasisPoints: in.SuccessBasisPoints, ExecutionTime: in.ExecutionTime},
	})
}

// PlanJob plans on an opened directory.
func (o opened) PlanJob(ctx context.Context, in planRequest) (service.JobPlan, error) {
	return planJob(ctx, o.Service, in)
}

// PlanJob asks a running server.
func (c *socketClient) PlanJob(ctx context.Context, in planRequest) (plan service.JobPlan, err error) {
	err = c.call(ctx, http.MethodPost, "/jobs/plan", in, &plan)
	return plan, err
}

func (s *server) planJob(w http.ResponseWriter, r *http.Request) {
	in := planRequest{Realm: wire.Realm{Region: s.config.Region, Account: s.config.AccountID}}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 2*maxPlanBody)).Decode(&in); err != nil {
		answer(w, s.log, nil, jobs.Errorf(jobs.InvalidRequest, "The request is not valid JSON: %s.", err))
		return
	}
	plan, err := planJob(r.Context(), s.dir.service, in)
	answer(w, s.log, plan, err)
}
