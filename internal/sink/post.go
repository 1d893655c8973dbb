package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/wire"
)

const (
	postTimeout = 10 * time.Second
	// maxAnswer is how much of an answer is read, so that its connection can be used again.
	maxAnswer = 16 << 10
)

// NewClient makes a client for a webhook. It follows no redirect: the receiver that was configured is the one that is meant.
func NewClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = lanes
	return &http.Client{
		Timeout: postTimeout, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post delivers one event. Any answer but 2xx is a failure.
func (w *Webhook) post(ctx context.Context, e jobs.Event) error {
	err := w.tryPost(ctx, e)
	if ctx.Err() == nil {
		w.Metrics.posted(err)
	}
	return err
}

func (w *Webhook) tryPost(ctx context.Context, e jobs.Event) error {
	body, err := json.Marshal(newCloudEvent(w.Realm, e))
	if err != nil {
		return fmt.Errorf("encode event %d: %w", e.Number, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return withoutURL(err)
	}
	timestamp := strconv.FormatInt(w.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	request.Header.Set("Webhook-Id", e.ID)
	request.Header.Set("Webhook-Timestamp", timestamp)
	request.Header.Set("Webhook-Signature", Sign(w.Secret, e.ID, timestamp, body))
	response, err := w.Client.Do(request)
	if err != nil {
		return withoutURL(err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // only the status counts
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("the webhook answered %s", response.Status)
	}
	return nil
}

// withoutURL takes the URL out of an error: its query may hold a secret.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// cloudEvent is an event in the structured JSON form of CloudEvents 1.0, with the extension "sequence". Its data is what AWS publishes.
type cloudEvent struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            string `json:"type"`
	Subject         string `json:"subject"`
	Time            string `json:"time"`
	DataContentType string `json:"datacontenttype"`
	// Sequence sorts as the events happened.
	Sequence string `json:"sequence"`
	Data     any    `json:"data"`
}

func newCloudEvent(realm wire.Realm, e jobs.Event) cloudEvent {
	kind := "iotjobs.jobExecution."
	if e.Job != nil {
		kind = "iotjobs.job."
	}
	return cloudEvent{
		SpecVersion: "1.0", ID: e.ID, Source: realm.JobARN(e.JobID), Type: kind + string(e.Operation), Subject: wire.EventTopic(e),
		Time: e.At.UTC().Format("2006-01-02T15:04:05.000Z07:00"), DataContentType: "application/json", Sequence: fmt.Sprintf("%020d", e.Number),
		Data: realm.EventPayload(e),
	}
}
