package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// whyCmd says why a job is where it is.
type whyCmd struct {
	place

	Job   jobs.JobID         `required:"" placeholder:"ID" help:"The job."`
	Thing registry.ThingName `placeholder:"NAME" help:"One of its things: the timeline of its executions, and what the next one waits for."`
}

// Run prints the explanation, a sentence a line.
func (c *whyCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(to operator) error {
		sentences, err := to.ExplainJob(ctx, service.ExplainJobInput{ID: c.Job, Thing: c.Thing})
		for _, sentence := range sentences {
			fmt.Println(sentence)
		}
		return err
	})
}

// ExplainJob asks a running server.
func (c *socketClient) ExplainJob(ctx context.Context, in service.ExplainJobInput) (sentences []string, err error) {
	err = c.call(ctx, http.MethodPost, "/jobs/why", in, &sentences)
	return sentences, err
}

func (s *server) explainJob(w http.ResponseWriter, r *http.Request) {
	var in service.ExplainJobInput
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
		answer(w, s.log, nil, jobs.Errorf(jobs.InvalidRequest, "The request is not valid JSON: %s.", err))
		return
	}
	sentences, err := s.dir.service.ExplainJob(r.Context(), in)
	answer(w, s.log, sentences, err)
}
