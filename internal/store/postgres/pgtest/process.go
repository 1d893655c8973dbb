package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// process is a running postmaster.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
}

// Restart starts the cluster that was made or stopped, and waits until it takes connections.
func (c *Cluster) Restart(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process != nil {
		return errors.New("the cluster runs already")
	}
	log, err := os.OpenFile(c.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()                                    // the server has its own
	cmd := exec.Command(filepath.Join(c.bin, "postgres"), "-D", c.data()) //nolint:noctx // it outlives this call; Stop ends it
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.home, log, log
	c.user.use(cmd)
	p := &process{cmd: cmd, ended: make(chan struct{})}
	if err := p.start(); err != nil {
		return err
	}
	c.process = p
	return c.await(ctx, p)
}

// start begins the process and waits for its end beside. The goroutine keeps its thread, because the kernel ends the server with the thread that
// started it: so no server outlives its test.
func (p *process) start() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		dieWithThread(p.cmd)
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended does not matter
		}
		close(p.ended)
	}()
	return <-started
}

// await waits until the server takes connections.
func (c *Cluster) await(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := c.run(ctx, "pg_isready", "--quiet", "--host", "127.0.0.1", "--port", fmt.Sprint(c.port))
		if err == nil {
			return nil
		}
		pause := time.NewTimer(20 * time.Millisecond)
		select {
		case <-pause.C:
		case <-p.ended:
			c.process = nil
			return fmt.Errorf("the server ended: %s", c.Log())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w: %s", err, c.Log())
		}
	}
}

// PID is the process of the server, which is the parent of those that serve sessions; 0 while it is stopped.
func (c *Cluster) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.cmd.Process.Pid
}

// Stop ends the cluster and waits for its end. One that is stopped stays so.
func (c *Cluster) Stop(mode StopMode) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return nil
	}
	signal := map[StopMode]syscall.Signal{Fast: syscall.SIGINT, Immediate: syscall.SIGQUIT, Kill: syscall.SIGKILL}[mode]
	if err := c.process.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c.process.ended:
		c.process = nil
		return nil
	case <-timer.C:
		return fmt.Errorf("the server does not end: %s", c.Log())
	}
}
