// Package bare is the yardstick of the measuring programs of this module: a server that reads requests and stores nothing.
package bare

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// Command is the sub-command under which a program runs the server, in a process of its own.
const Command = "bare"

// Main is for the beginning of such a program, and of its tests: in a process that was started with Command it serves, and
// ends the process. In others it does nothing.
func Main() {
	if len(os.Args) < 2 || os.Args[1] != Command {
		return
	}
	if err := Serve(os.Args[2:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Serve serves fixed answers on a free port until stdin ends, which it does when the parent is gone, however it went.
func Serve(args []string, stdin io.Reader, stdout io.Writer) error {
	fs := flag.NewFlagSet(Command, flag.ContinueOnError)
	body := fs.Int("body", 200, "`bytes` of the bodies in a receive's answer")
	if err := fs.Parse(args); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "http://%s\n", l.Addr())
	signal.Ignore(os.Interrupt) // Ctrl-C reaches parent and child; the parent decides when this ends
	srv := &http.Server{Handler: New(*body), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		_ = srv.Close()
	}()
	if err := srv.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// handler is the yardstick: what Go's HTTP server costs when the request is read and nothing is done with it. The
// answer is chosen by the action's name, and for receives by whether ten are asked for; nothing is decoded.
type handler struct {
	json, query map[load.Action]answer
	jsonTen     answer // ReceiveMessage with ten
	queryTen    answer
	buffers     sync.Pool
}

// answer is an answer as SQS writes it, header values included, so that as many bytes leave.
type answer struct {
	contentType []string
	length      []string
	body        []byte
}

// New returns the handler. bodySize is that of the messages that it hands out.
func New(bodySize int) http.Handler {
	h := &handler{json: map[load.Action]answer{}, query: map[load.Action]answer{}}
	h.buffers.New = func() any { b := make([]byte, 16<<10); return &b }
	for _, a := range []load.Action{
		load.SendMessage, load.SendMessageBatch, load.ReceiveMessage, load.DeleteMessage, load.DeleteMessageBatch,
	} {
		h.json[a] = newAnswer("application/x-amz-json-1.0", jsonAnswer(a, 1, bodySize))
		h.query[a] = newAnswer("text/xml", xmlAnswer(a, 1, bodySize))
	}
	h.jsonTen = newAnswer("application/x-amz-json-1.0", jsonAnswer(load.ReceiveMessage, 10, bodySize))
	h.queryTen = newAnswer("text/xml", xmlAnswer(load.ReceiveMessage, 10, bodySize))
	return h
}

func newAnswer(contentType, body string) answer {
	return answer{[]string{contentType}, []string{strconv.Itoa(len(body))}, []byte(body)}
}

var requestID = []string{sampleID}

// ServeHTTP reads the whole body, as any server must, and answers.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buf := h.buffers.Get().(*[]byte)
	defer h.buffers.Put(buf)
	if r.ContentLength > int64(len(*buf)) {
		*buf = make([]byte, r.ContentLength)
	}
	body := (*buf)[:max(r.ContentLength, 0)]
	if _, err := io.ReadFull(r.Body, body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a, ok := h.find(r.Header.Get("X-Amz-Target"), body)
	if !ok {
		http.Error(w, "the bare handler does not know this action", http.StatusBadRequest)
		return
	}
	header := w.Header()
	header["Content-Type"] = a.contentType
	header["Content-Length"] = a.length
	header["X-Amzn-Requestid"] = requestID
	_, _ = w.Write(a.body) // a client that is gone is the client's affair
}

func (h *handler) find(target string, body []byte) (answer, bool) {
	if action, ok := strings.CutPrefix(target, "AmazonSQS."); ok {
		if action == string(load.ReceiveMessage) && bytes.Contains(body, []byte(`"MaxNumberOfMessages":10`)) {
			return h.jsonTen, true
		}
		a, ok := h.json[load.Action(action)]
		return a, ok
	}
	form := bytes.TrimPrefix(body, []byte("Action="))
	action, form, _ := bytes.Cut(form, []byte{'&'})
	if string(action) == string(load.ReceiveMessage) && bytes.Contains(form, []byte("MaxNumberOfMessages=10")) {
		return h.queryTen, true
	}
	a, ok := h.query[load.Action(action)]
	return a, ok
}

// Values as long as SQS's own. 120 bytes is a short receipt handle; AWS's have about 400.
const sampleID = "5fea7756-0ea4-451a-a703-a558b933e274"

var (
	sampleMD5    = strings.Repeat("0123456789abcdef", 2)
	sampleHandle = strings.Repeat("AQEBbufeo0", 12)
)

// jsonAnswer is what SQS answers in AWS JSON 1.0 to a request for n messages; a batch always has ten.
func jsonAnswer(a load.Action, n, bodySize int) string {
	list := func(key string, n int, entry func(i int) string) string {
		entries := make([]string, n)
		for i := range entries {
			entries[i] = "{" + entry(i) + "}"
		}
		return `{"` + key + `":[` + strings.Join(entries, ",") + `]}`
	}
	sent := `"MD5OfMessageBody":"` + sampleMD5 + `","MessageId":"` + sampleID + `"`
	switch a {
	case load.SendMessage:
		return "{" + sent + "}"
	case load.SendMessageBatch:
		return list("Successful", 10, func(i int) string { return fmt.Sprintf(`"Id":"%d",`, i) + sent })
	case load.DeleteMessageBatch:
		return list("Successful", 10, func(i int) string { return fmt.Sprintf(`"Id":"%d"`, i) })
	case load.ReceiveMessage:
		return list("Messages", n, func(int) string {
			return `"Body":"` + strings.Repeat("0", bodySize) + `","MD5OfBody":"` + sampleMD5 + `","MessageId":"` + sampleID +
				`","ReceiptHandle":"` + sampleHandle + `"`
		})
	}
	return ""
}

// xmlAnswer is the same in AWS Query.
func xmlAnswer(a load.Action, n, bodySize int) string {
	var b strings.Builder
	name := string(a)
	fmt.Fprintf(&b, `<?xml version="1.0"?><%sResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">`, name)
	sent := "<MessageId>" + sampleID + "</MessageId><MD5OfMessageBody>" + sampleMD5 + "</MD5OfMessageBody>"
	if a != load.DeleteMessage {
		fmt.Fprintf(&b, "<%sResult>", name)
	}
	switch a {
	case load.SendMessage:
		b.WriteString(sent)
	case load.SendMessageBatch:
		for i := range 10 {
			fmt.Fprintf(&b, "<%sResultEntry><Id>%d</Id>%s</%sResultEntry>", name, i, sent, name)
		}
	case load.DeleteMessageBatch:
		for i := range 10 {
			fmt.Fprintf(&b, "<%sResultEntry><Id>%d</Id></%sResultEntry>", name, i, name)
		}
	case load.ReceiveMessage:
		for range n {
			fmt.Fprintf(&b, "<Message><MessageId>%s</MessageId><ReceiptHandle>%s</ReceiptHandle><MD5OfBody>%s</MD5OfBody><Body>%s</Body></Message>",
				sampleID, sampleHandle, sampleMD5, strings.Repeat("0", bodySize))
		}
	}
	if a != load.DeleteMessage {
		fmt.Fprintf(&b, "</%sResult>", name)
	}
	fmt.Fprintf(&b, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>", sampleID, name)
	return b.String()
}
