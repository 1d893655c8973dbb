package process

import (
	"bytes"
	"sync"
)

// Log keeps the end of what a server logs.
type Log struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	const most = 64 << 10
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept.Len() > most {
		l.kept.Next(most / 2)
	}
	return l.kept.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}
