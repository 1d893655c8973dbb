package pebble

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"iotjobs/internal/store"
)

// failure is how the store stops when it can no longer keep its promise: a write or a sync failed, or a row is damaged. After a failed
// fsync nobody knows what is on the disk, and trying again may report success without it (the kernel drops the dirty pages). So there
// is no way back but a new start, which reads what is really there.
//
// Pebble v2.1.7 does not survive such a failure in a state that one could go on from: a failed commit ends in Logger.Fatalf with the
// commit pipeline stuck, a failed write of the manifest in Fatalf under its locks, and a failed rotation of the WAL panics through a deferred
// Unlock of a mutex that is not locked, which ends the process and cannot be recovered. While it opens, a failed flush is tried again at
// once and for ever, and a failed change of the manifest panics. So Pebble never learns of a failed write: stoppingFS records the error and
// holds the goroutine that wrote for ever; Fatalf does the same. Whoever waits for them is woken through stopped and gets ErrClosed, or
// ErrUnknown too when a commit was under way. What is left of Pebble is abandoned with its lock: the process must end before the directory
// can be opened again.
type failure struct {
	once    sync.Once
	cause   atomic.Pointer[error]
	stopped chan struct{}
	log     *slog.Logger
}

func newFailure(log *slog.Logger) *failure {
	return &failure{stopped: make(chan struct{}), log: log}
}

func (f *failure) fail(cause error) {
	f.once.Do(func() {
		f.cause.Store(&cause)
		close(f.stopped)
		f.log.Error("the store stops: it can no longer keep its promise", "error", cause)
	})
}

// err is why the store stopped; nil while it works.
func (f *failure) err() error {
	if cause := f.cause.Load(); cause != nil {
		return *cause
	}
	return nil
}

func (f *failure) failed() bool { return f.cause.Load() != nil }

// closed is the error of a call that changed nothing.
func (f *failure) closed() error {
	if cause := f.err(); cause != nil {
		return fmt.Errorf("%w: %w", store.ErrClosed, cause)
	}
	return store.ErrClosed
}

// unknown is the error of a call whose commit was under way.
func (f *failure) unknown() error {
	return fmt.Errorf("%w: %w", store.ErrUnknown, f.closed())
}

// hold never returns.
func hold() { select {} }

// logger is what Pebble logs to.
type logger struct{ failure *failure }

var _ pebble.Logger = logger{}

func (l logger) Infof(format string, args ...any) {
	if l.failure.log.Enabled(context.Background(), slog.LevelDebug) {
		l.failure.log.Debug("storage engine", "message", fmt.Sprintf(format, args...))
	}
}

func (l logger) Errorf(format string, args ...any) {
	l.failure.log.Error("storage engine", "message", fmt.Sprintf(format, args...))
}

// Fatalf must not return: Pebble would go on where it must not.
func (l logger) Fatalf(format string, args ...any) {
	l.failure.fail(fmt.Errorf("the storage engine gave up: "+format, args...))
	hold()
}

// listener makes the events that the store must not outlive into failures.
func (f *failure) listener() *pebble.EventListener {
	return &pebble.EventListener{
		DataCorruption: func(info pebble.DataCorruptionInfo) { f.fail(fmt.Errorf("damaged data: %s", info.String())) },
		// A flush or compaction that fails for another reason than a failed write is tried again by Pebble.
		BackgroundError: func(err error) { f.log.Error("storage engine", "message", "background work failed", "error", err) },
		DiskSlow:        func(info pebble.DiskSlowInfo) { f.log.Warn("the disk is slow", "message", info.String()) },
		WriteStallBegin: func(info pebble.WriteStallBeginInfo) {
			f.log.Warn("writes wait for the disk to keep up", "message", info.Reason)
		},
		WriteStallEnd: func() { f.log.Info("writes go on") },
	}
}
