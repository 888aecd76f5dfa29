package main

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// bareCommand is the sub-command of this binary that runs the bare handler.
const bareCommand = "bare"

// serveBare serves until stdin ends, which it does when the parent is gone, however it went.
func serveBare(args []string) error {
	fs := flag.NewFlagSet(bareCommand, flag.ContinueOnError)
	size := fs.Int("body", 200, "`bytes` of a message's body")
	if err := fs.Parse(args); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	srv := &http.Server{Handler: newBare(strings.Repeat("x", *size)), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = srv.Close()
	}()
	if err := srv.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// bare answers sends as SQS does if their body is the one that it was made for. It decodes nothing.
type bare struct {
	answers [11][]byte // by entries of a batch; 0 is the answer to a single message
}

func newBare(body string) *bare {
	sum := md5.Sum([]byte(body))
	sent := `"MD5OfMessageBody":"` + hex.EncodeToString(sum[:]) + `","MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"`
	b := &bare{}
	b.answers[0] = []byte("{" + sent + "}")
	var entries []string
	for i := range 10 {
		entries = append(entries, fmt.Sprintf(`{"Id":"%d",%s}`, i, sent))
		b.answers[i+1] = []byte(`{"Successful":[` + strings.Join(entries, ",") + `]}`)
	}
	return b
}

var (
	contentType = []string{"application/x-amz-json-1.0"}
	requestID   = []string{"5fea7756-0ea4-451a-a703-a558b933e275"}
)

func (b *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := make([]byte, max(r.ContentLength, 0))
	if _, err := io.ReadFull(r.Body, request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := b.answers[min(bytes.Count(request, []byte(`"Id":`)), 10)]
	header := w.Header()
	header["Content-Type"], header["X-Amzn-Requestid"] = contentType, requestID
	header["Content-Length"] = []string{strconv.Itoa(len(answer))}
	_, _ = w.Write(answer) // a client that is gone is the client's affair
}
