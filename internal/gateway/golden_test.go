package gateway_test

import (
	"bufio"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/gateway"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the answers in testdata")

// The files in testdata are conversations, each with a server of its own. An exchange is
//
//	POST / HTTP/1.1          the request, without Host and Content-Length
//	X-Amz-Target: …
//
//	{…}
//	----
//	200                      the answer: status, headers, body
//	Content-Type: …
//
//	{…}
//	====                     and the next one
//
// {handle} in a request is the latest receipt handle; handles, UUIDs, timestamps and sequence numbers in answers are
// masked.
const (
	betweenExchanges = "\n====\n"
	betweenHalves    = "\n----\n"
)

func TestGoldens(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v, %v, want golden files", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f := newFixture(t, goldenOptions(filepath.Base(file)))
			c := &conversation{T: t, handler: f.handler}
			got := c.replay(strings.TrimSuffix(string(text), "\n"))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func goldenOptions(file string) *gateway.Options {
	o := &gateway.Options{MaxBody: 4096}
	if file == "web_pages.txt" {
		o.Loopback, o.AllowHosts = true, []string{"allowed.example"}
	}
	return o
}

type conversation struct {
	*testing.T
	handler http.Handler
	handles []string
}

// replay plays a file and returns it with the answers that came.
func (c *conversation) replay(file string) string {
	c.Helper()
	var played []string
	for _, exchange := range strings.Split(file, betweenExchanges) {
		request, want, _ := strings.Cut(exchange, betweenHalves)
		got := c.play(request)
		if got != want && !*rewrite {
			c.Errorf("request\n%s\ngot\n%s\nwant\n%s", request, got, want)
		}
		played = append(played, request+betweenHalves+got)
	}
	return strings.Join(played, betweenExchanges)
}

// play sends one request and returns the answer as the files have it.
func (c *conversation) play(request string) string {
	c.Helper()
	if n := len(c.handles); n > 0 {
		handle := c.handles[n-1]
		if !strings.Contains(request, "X-Amz-Target") {
			handle = url.QueryEscape(handle)
		}
		request = strings.ReplaceAll(request, "{handle}", handle)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, c.parse(request))
	if got, want := w.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len()); got != want {
		c.Errorf("got Content-Length %s, want %s", got, want)
	}
	return c.mask(show(w))
}

func (c *conversation) parse(request string) *http.Request {
	c.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	head = strings.TrimSuffix(head, "\n")
	if !strings.Contains(head, "\nHost:") {
		head += "\nHost: localhost:9324"
	}
	if body != "" {
		head += fmt.Sprint("\nContent-Length: ", len(body))
	}
	raw := strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		c.Fatalf("%s: %v", request, err)
	}
	return r
}

func show(w *httptest.ResponseRecorder) string {
	text := fmt.Sprintln(w.Code)
	for _, name := range []string{"Allow", "Connection", "Content-Type", "X-Amzn-Query-Error", "X-Amzn-Requestid"} {
		if v := w.Header().Get(name); v != "" {
			text += fmt.Sprintf("%s: %s\n", name, v)
		}
	}
	return text + "\n" + w.Body.String()
}

var (
	handleForm = regexp.MustCompile(`(?:"ReceiptHandle":"|<ReceiptHandle>)([^"<]+)`)
	uuidForm   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	seqForm    = regexp.MustCompile(`\b1[0-9]{19}\b`)
	timeForm   = regexp.MustCompile(`\b1[0-9]{9}(?:[0-9]{3})?\b`)
)

func (c *conversation) mask(answer string) string {
	for _, m := range handleForm.FindAllStringSubmatch(answer, -1) {
		c.handles = append(c.handles, m[1])
	}
	for _, h := range c.handles {
		answer = strings.ReplaceAll(answer, h, "HANDLE")
	}
	answer = uuidForm.ReplaceAllString(answer, "UUID")
	answer = seqForm.ReplaceAllString(answer, "SEQUENCE")
	return timeForm.ReplaceAllString(answer, "TIME")
}
