package load

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// fakeSQS keeps one queue in memory and can be told to misbehave. It decodes requests with the standard library, so that
// it checks the generator's hand-made ones.
type fakeSQS struct {
	drop       func(n int) bool // the n-th message is acknowledged and forgotten
	double     func(n int) bool // the n-th message is stored twice
	keep       bool             // deletes are confirmed and not done
	failEvery  int              // every n-th request is answered with 500
	closeEvery int              // every n-th request is answered with Connection: close
	refuse     bool             // the last entry of each batch fails
	deaf       bool             // long polls do not see what is sent while they wait
	drowsy     bool             // or see it when their time is over
	locks      bool             // a message in flight holds back all others
	swap       func(n int) bool // the n-th message overtakes the one before it
	slow       func()           // what each send waits for
	odd        bool             // answers look like those of other servers
	secret     string           // of the key that every request must be signed with

	mu                  sync.Mutex
	changed             *sync.Cond
	visible             []string
	inFlight            map[string]bool
	sends, requests     int
	contentTypes, paths map[string]int
	groups, dedups      map[string]int // of what was sent
	delays              map[string]int
	queues, deleted     []string
	headers             http.Header // of the last request
}

func (f *fakeSQS) target(t *testing.T, p Protocol) *Target {
	t.Helper()
	f.init()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return &Target{Addr: strings.TrimPrefix(srv.URL, "http://"), Protocol: p}
}

func (f *fakeSQS) init() {
	f.changed, f.inFlight = sync.NewCond(&f.mu), map[string]bool{}
	f.contentTypes, f.paths = map[string]int{}, map[string]int{}
	f.groups, f.dedups, f.delays = map[string]int{}, map[string]int{}, map[string]int{}
}

// params is a request of either protocol: form values, or the JSON document flattened to the form's names.
func params(r *http.Request) (url.Values, bool, error) {
	target, isJSON := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	if !isJSON {
		return r.PostForm, false, r.ParseForm()
	}
	type entry struct {
		ID, MessageBody, ReceiptHandle, MessageGroupID, MessageDeduplicationID string // in any case, to encoding/json
		DelaySeconds                                                           int
	}
	var in struct {
		entry
		QueueName, QueueURL                  string
		MaxNumberOfMessages, WaitTimeSeconds int
		Entries                              []entry
	}
	v := url.Values{"Action": {target}}
	err := json.NewDecoder(r.Body).Decode(&in)
	v.Set("QueueName", in.QueueName)
	v.Set("QueueUrl", in.QueueURL)
	set := func(prefix string, e entry) {
		v.Set(prefix+"Id", e.ID)
		v.Set(prefix+"MessageBody", e.MessageBody)
		v.Set(prefix+"ReceiptHandle", e.ReceiptHandle)
		v.Set(prefix+"MessageGroupId", e.MessageGroupID)
		v.Set(prefix+"MessageDeduplicationId", e.MessageDeduplicationID)
		v.Set(prefix+"DelaySeconds", strconv.Itoa(e.DelaySeconds))
	}
	set("", in.entry)
	v.Set("MaxNumberOfMessages", strconv.Itoa(in.MaxNumberOfMessages))
	v.Set("WaitTimeSeconds", strconv.Itoa(in.WaitTimeSeconds))
	for i, e := range in.Entries {
		set(fmt.Sprintf("%sRequestEntry.%d.", target, i+1), e)
	}
	return v, true, err
}

func (f *fakeSQS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.slow != nil && strings.Contains(r.Header.Get("X-Amz-Target"), "SendMessage") {
		f.slow()
	}
	f.requests++
	f.headers = r.Header
	f.contentTypes[r.Header.Get("Content-Type")]++
	f.paths[r.URL.Path]++
	if f.failEvery > 0 && f.requests%f.failEvery == 0 {
		http.Error(w, "planted", http.StatusInternalServerError)
		return
	}
	if f.closeEvery > 0 && f.requests%f.closeEvery == 0 {
		w.Header().Set("Connection", "close")
	}
	if f.secret != "" && !f.signed(r) {
		http.Error(w, "not signed", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	v, isJSON, err := params(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out := f.answer(Action(v.Get("Action")), v, "http://"+r.Host+"/000000000000/")
	out.XMLName.Local = v.Get("Action") + "Response"
	if f.odd {
		f.writeOddly(w, isJSON, &out)
		return
	}
	if isJSON {
		_ = json.NewEncoder(w).Encode(out)
		return
	}
	_ = xml.NewEncoder(w).Encode(out)
}

// writeOddly writes as servers do that are not Amazon's: with white space, in chunks, with numbers for strings.
func (f *fakeSQS) writeOddly(w http.ResponseWriter, isJSON bool, out *fakeAnswer) {
	text, _ := xml.MarshalIndent(out, "  ", "    ")
	if isJSON {
		text, _ = json.MarshalIndent(out, "", "    ")
		text = bytes.ReplaceAll(text, []byte(": "), []byte(" :  "))
		for _, name := range []string{attrVisible, attrInFlight} {
			text = regexp.MustCompile(`("`+name+`" : +)"(\d+)"`).ReplaceAll(text, []byte("$1$2"))
		}
	} else {
		text = regexp.MustCompile(`(<QueueUrl>|<Value>|<Name>)([^<]*)`).ReplaceAll(text, []byte("$1\n $2\n"))
	}
	for part := range slices.Chunk(text, 7) {
		_, _ = w.Write(part)
		w.(http.Flusher).Flush()
	}
}

// signed compares the signature with that of the AWS SDK.
func (f *fakeSQS) signed(r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return false
	}
	again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: r.Header.Clone(), ContentLength: r.ContentLength}
	again.Header.Del("Authorization")
	sum := sha256.Sum256(body)
	keys := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: f.secret, SessionToken: r.Header.Get("X-Amz-Security-Token")}
	err = v4.NewSigner().SignHTTP(r.Context(), keys, again, hex.EncodeToString(sum[:]), "sqs", "eu-west-1", at)
	return err == nil && again.Header.Get("Authorization") == r.Header.Get("Authorization")
}

type fakeEntry struct {
	ID        string `json:"Id,omitempty" xml:"Id,omitempty"`
	MessageID string `json:"MessageId,omitempty" xml:"MessageId,omitempty"`
	Code      string `json:",omitempty" xml:",omitempty"`
}

type fakeMessage struct {
	MD5OfBody, Body, ReceiptHandle string
	MessageID                      string `json:"MessageId" xml:"MessageId"`
}

type fakeAttribute struct{ Name, Value string }

type fakeAnswer struct {
	XMLName    xml.Name          `json:"-"`
	QueueURL   string            `json:"QueueUrl,omitempty" xml:"QueueUrl,omitempty"`
	MessageID  string            `json:"MessageId,omitempty" xml:"MessageId,omitempty"`
	Attributes map[string]string `json:",omitempty" xml:"-"`
	Attribute  []fakeAttribute   `json:"-"`
	Messages   []fakeMessage     `json:",omitempty" xml:"Message"`
	Successful []fakeEntry       `json:",omitempty" xml:"-"`
	Failed     []fakeEntry       `json:",omitempty" xml:"BatchResultErrorEntry"`
	Sent       []fakeEntry       `json:"-" xml:"SendMessageBatchResultEntry"`
	Deleted    []fakeEntry       `json:"-" xml:"DeleteMessageBatchResultEntry"`
}

func (f *fakeSQS) answer(a Action, v url.Values, base string) (out fakeAnswer) {
	entry := func(i int, member string) string { return v.Get(fmt.Sprintf("%sRequestEntry.%d.%s", a, i, member)) }
	switch a {
	case CreateQueue:
		f.queues = append(f.queues, v.Get("QueueName"))
		out.QueueURL = base + v.Get("QueueName")
		if f.odd {
			out.QueueURL = "https://sqs.example.org:1/1/" + v.Get("QueueName")
		}
	case DeleteQueue:
		f.deleted = append(f.deleted, path.Base(v.Get("QueueUrl")))
	case SendMessage:
		f.note(v.Get)
		f.send(v.Get("MessageBody"))
		out.MessageID = "m"
	case SendMessageBatch:
		for i := 1; entry(i, "Id") != ""; i++ {
			if f.refuse && i == 10 {
				out.Failed = append(out.Failed, fakeEntry{ID: entry(i, "Id"), Code: "InternalError"})
				continue
			}
			f.note(func(member string) string { return entry(i, member) })
			f.send(entry(i, "MessageBody"))
			out.Successful = append(out.Successful, fakeEntry{ID: entry(i, "Id"), MessageID: "m"})
		}
		out.Sent = out.Successful
	case ReceiveMessage:
		out.Messages = f.receive(v.Get("MaxNumberOfMessages"), v.Get("WaitTimeSeconds"))
	case DeleteMessage:
		f.remove(v.Get("ReceiptHandle"))
	case DeleteMessageBatch:
		for i := 1; entry(i, "Id") != ""; i++ {
			f.remove(entry(i, "ReceiptHandle"))
			out.Successful = append(out.Successful, fakeEntry{ID: entry(i, "Id")})
		}
		out.Deleted = out.Successful
	case GetQueueAttributes:
		n, m := strconv.Itoa(len(f.visible)), strconv.Itoa(len(f.inFlight))
		out.Attributes = map[string]string{attrVisible: n, attrInFlight: m, attrDelayed: "0"}
		out.Attribute = []fakeAttribute{{attrVisible, n}, {attrInFlight, m}, {attrDelayed, "0"}}
		if f.odd {
			delete(out.Attributes, attrDelayed)
			out.Attribute = out.Attribute[:2]
		}
	}
	return out
}

func (f *fakeSQS) note(member func(string) string) {
	f.groups[member("MessageGroupId")]++
	f.dedups[member("MessageDeduplicationId")]++
	f.delays[member("DelaySeconds")]++
}

func (f *fakeSQS) send(body string) {
	f.sends++
	if f.drop == nil || !f.drop(f.sends) {
		f.visible = append(f.visible, body)
	}
	if f.double != nil && f.double(f.sends) {
		f.visible = append(f.visible, body)
	}
	if n := len(f.visible); n > 1 && f.swap != nil && f.swap(f.sends) {
		f.visible[n-1], f.visible[n-2] = f.visible[n-2], f.visible[n-1]
	}
	f.changed.Broadcast()
}

// handleTail makes a receipt handle one that has to be escaped in both protocols.
const handleTail = `"\<&+/=`

// receive waits as long as it was asked to where a message will come, however slow the machine is, and else for 50 ms: a
// test of what is lost need not take 20 s.
func (f *fakeSQS) receive(most, seconds string) (out []fakeMessage) {
	if over := false; seconds != "0" && len(f.visible) == 0 {
		wait := 50 * time.Millisecond
		if n, _ := strconv.Atoi(seconds); n == longPoll && !f.deaf && !f.drowsy {
			wait = longPoll * time.Second
		}
		timer := time.AfterFunc(wait, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			over = true
			f.changed.Broadcast()
		})
		defer timer.Stop()
		for !over && (f.deaf || f.drowsy || len(f.visible) == 0) {
			f.changed.Wait()
		}
		if f.deaf {
			return nil
		}
	}
	for n, _ := strconv.Atoi(most); n > 0 && len(f.visible) > 0 && (!f.locks || len(f.inFlight) == 0); n-- {
		body := f.visible[0]
		f.visible = f.visible[1:]
		handle := fmt.Sprint(f.sends, "-", len(f.inFlight), "-", body[:idLen], handleTail)
		f.inFlight[handle] = true
		out = append(out, fakeMessage{MD5OfBody: "5", Body: body, MessageID: "m", ReceiptHandle: handle})
	}
	return out
}

func (f *fakeSQS) remove(handle string) {
	if !f.keep && f.inFlight[handle] {
		delete(f.inFlight, handle)
	}
}
