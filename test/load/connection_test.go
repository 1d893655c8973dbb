package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"iotjobs/internal/fleet"
)

// connection is a client with one connection that it keeps. It understands what the servers under test send and nothing else.
type connection struct {
	conn   net.Conn
	answer *bufio.Reader
	signer signer
	random *rand.Rand
	out    []byte
	body   []byte // of the last answer
}

// callTimeout bounds the wait for one answer, however busy the machine is.
const callTimeout = time.Minute

func dial(address string, key fleet.Credentials, seed uint64) (*connection, error) {
	dialer := net.Dialer{Timeout: callTimeout}
	conn, err := dialer.DialContext(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	return newConnection(conn, address, key, seed), nil
}

func newConnection(conn net.Conn, host string, key fleet.Credentials, seed uint64) *connection {
	return &connection{
		conn: conn, answer: bufio.NewReaderSize(conn, 8<<10), signer: signer{host: host, key: key}, random: rand.New(rand.NewPCG(seed, seed)),
	}
}

func (c *connection) close() error { return c.conn.Close() }

// call sends a request and waits for the answer, whose body is valid until the next call. took is the time between the two, signing excluded.
func (c *connection) call(r request) (status int, body []byte, took time.Duration, err error) {
	begin := time.Now()
	c.out = c.signer.appendRequest(c.out[:0], r, begin)
	begin = time.Now()
	if err := c.conn.SetDeadline(begin.Add(callTimeout)); err != nil {
		return 0, nil, 0, err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, nil, 0, err
	}
	status, err = c.read()
	return status, c.body, time.Since(begin), err
}

// must is a call that has to succeed.
func (c *connection) must(r request) (body []byte, took time.Duration, err error) {
	status, body, took, err := c.call(r)
	return body, took, succeeded(r, status, body, err)
}

// succeeded makes an error of a refusal.
func succeeded(r request, status int, body []byte, err error) error {
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s %s: status %d: %s", r.method, r.path, status, body)
	}
	return err
}

var errAnswer = errors.New("the answer is no HTTP/1.1 answer with a Content-Length")

var contentLength = []byte("Content-Length: ")

// read reads an answer; its body goes to c.body.
func (c *connection) read() (status int, err error) {
	line, err := c.answer.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || string(line[:9]) != "HTTP/1.1 " {
		return 0, errAnswer
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, errAnswer
	}
	length := -1
	for {
		if line, err = c.answer.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, errAnswer
			}
		}
	}
	if length < 0 {
		return 0, errAnswer
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	c.body = c.body[:length]
	_, err = io.ReadFull(c.answer, c.body)
	return status, err
}
