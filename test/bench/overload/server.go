package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/bufeomq/bufeo/test/bench/process"
)

// server is a `bufeo serve` on a data folder of its own, whose memory is watched.
type server struct {
	data  string
	limit int // MiB
	p     *process.Process
	http  *http.Client

	greatest atomic.Int64 // resident memory, ten samples a second
	samples  atomic.Int64
	watching chan struct{}
	watched  chan struct{}
}

// serve starts a server with a memory limit, in MiB.
func (t *trial) serve(ctx context.Context, limit int) (*server, error) {
	data, err := os.MkdirTemp(t.folder, "data-")
	if err != nil {
		return nil, err
	}
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(data, "data"),
		"--memory-limit", strconv.Itoa(limit) + "MiB"}, t.serveArgs...)
	p, err := process.Start(ctx, exec.Command(t.binary, args...))
	if err != nil {
		return nil, err
	}
	s := &server{data: data, limit: limit, p: p, watching: make(chan struct{}), watched: make(chan struct{})}
	s.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	go s.watch()
	return s, nil
}

func (s *server) watch() {
	defer close(s.watched)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if n, ok := process.Resident(s.p.PID()); ok {
			s.greatest.Store(max(n, s.greatest.Load()))
			s.samples.Add(1)
		}
		select {
		case <-tick.C:
		case <-s.watching:
			return
		}
	}
}

// remove stops the server and deletes its data.
func (s *server) remove() error {
	s.http.CloseIdleConnections()
	close(s.watching)
	<-s.watched
	return errors.Join(s.p.Stop(), os.RemoveAll(s.data))
}

// mebibytes is the greatest resident memory that was seen.
func (s *server) mebibytes() float64 { return float64(s.greatest.Load()) / (1 << 20) }

// refused is an answer of 503.
var errRefused = errors.New("503")

// call sends a request in JSON and decodes the answer.
func (s *server) call(ctx context.Context, action string, in map[string]any, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.p.Addr+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	answer, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return err
	case answer.StatusCode == http.StatusServiceUnavailable:
		return errRefused
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: %s %.200s", action, answer.Status, text)
	case out == nil:
		return nil
	}
	return json.Unmarshal(text, out)
}

func (s *server) create(ctx context.Context, name string) (url string, err error) {
	var out struct{ QueueUrl string }
	err = s.call(ctx, "CreateQueue", map[string]any{"QueueName": name}, &out)
	return out.QueueUrl, err
}

// held is how many messages a queue has.
func (s *server) held(ctx context.Context, url string) (n int, err error) {
	var out struct{ Attributes map[string]string }
	err = s.call(ctx, "GetQueueAttributes", map[string]any{"QueueUrl": url, "AttributeNames": []string{"All"}}, &out)
	for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"} {
		one, _ := strconv.Atoi(out.Attributes[name])
		n += one
	}
	return n, err
}

type message struct{ Body, ReceiptHandle string }

// roundTrip is a message sent, received and deleted: a server that does that works.
func (s *server) roundTrip(ctx context.Context, url string) error {
	if err := s.call(ctx, "SendMessage", map[string]any{"QueueUrl": url, "MessageBody": "x"}, nil); err != nil {
		return err
	}
	var out struct{ Messages []message }
	err := s.call(ctx, "ReceiveMessage", map[string]any{"QueueUrl": url, "WaitTimeSeconds": 5}, &out)
	if err != nil {
		return err
	}
	if len(out.Messages) != 1 {
		return errors.New("what was sent was not received")
	}
	return s.call(ctx, "DeleteMessage", map[string]any{"QueueUrl": url, "ReceiptHandle": out.Messages[0].ReceiptHandle}, nil)
}

// dial connects; nothing that the kernel does by itself takes ten seconds.
func (s *server) dial() (net.Conn, error) { return net.DialTimeout("tcp", s.p.Addr, 10*time.Second) }
