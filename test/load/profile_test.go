package load

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// profiled does work and meanwhile, with -profiles, writes a CPU profile of the product, for at most limit.
func (s *server) profiled(name string, limit time.Duration, work func() error) error {
	if *profiles == "" {
		return work()
	}
	written := make(chan error, 1)
	go func() { written <- s.profile(name, limit) }()
	err := work()
	if failed := <-written; err == nil {
		err = failed
	}
	return err
}

// profile reads a CPU profile from the socket of the product.
func (s *server) profile(name string, length time.Duration) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(filepath.Dir(s.log), "admin.sock"))
	}}}
	url := fmt.Sprintf("http://admin/debug/pprof/profile?seconds=%d", max(1, int(length.Seconds())))
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("profile %s: status %d: %s", name, response.StatusCode, raw)
	}
	return os.WriteFile(filepath.Join(*profiles, strings.ReplaceAll(name, "/", "_")+".pprof"), raw, 0o600)
}
