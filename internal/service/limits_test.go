package service_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// edge is a limit and the request that reaches it (over = 0) or is beyond it by one (over = 1).
type edge struct {
	limit   string // the constant of package api
	try     func(f *fixture, over int) error
	refused *api.Kind // what is beyond
	at      *api.Kind // the answer at the limit; nil: success
}

// TestEdges has the edge of every limit of package api: what reaches it is accepted, and one more is refused. The tests
// beside this one have the texts, and what else is wrong.
func TestEdges(t *testing.T) {
	edges := slices.Concat(requestEdges, messageEdges, queueEdges, policyEdges)
	missing := limitsOfAPI(t)
	delete(missing, "MaxInFlight") // TestInFlight has it
	for _, e := range edges {
		delete(missing, e.limit)
		t.Run(e.limit, func(t *testing.T) {
			f := newFixture(t, nil)
			want(t, e.try(f, 0), e.at, "")
			want(t, e.try(f, 1), e.refused, "")
		})
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("api.%s has no edge in this table", name)
	}
}

// limitsOfAPI is the names of all constants in api/limits.go.
func limitsOfAPI(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../api/limits.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, name := range spec.Names {
				names[name.Name] = true
			}
		}
		return true
	})
	return names
}

func (f *fixture) batch(es []api.SendMessageEntry) error {
	_, err := f.SendMessageBatch(f.Context(), f.call, &api.SendMessageBatchInput{QueueURL: f.queue, Entries: es})
	return err
}

func (f *fixture) receives(in api.ReceiveMessageInput) error {
	f.Helper()
	f.send(f.queue, "b") // a long poll ends at once
	in.QueueURL = f.queue
	_, err := f.ReceiveMessage(f.Context(), f.call, &in)
	return err
}

var requestEdges = []edge{
	{limit: "MaxBatchEntries", refused: api.TooManyEntriesInBatchRequest, try: func(f *fixture, over int) error {
		return f.batch(entries(10+over, 1))
	}},
	{limit: "MaxBatchEntryID", refused: api.InvalidBatchEntryID, try: func(f *fixture, over int) error {
		return f.batch(ids(repeat(80 + over)))
	}},
	{limit: "MaxBatchBytes", refused: api.BatchRequestTooLong, try: func(f *fixture, over int) error {
		return f.batch([]api.SendMessageEntry{{ID: "a", MessageBody: repeat(1048575)}, {ID: "b", MessageBody: repeat(1 + over)}})
	}},
	{limit: "MaxListResults", refused: api.InvalidMaxResults, try: func(f *fixture, over int) error {
		_, err := f.ListQueues(f.Context(), f.call, &api.ListQueuesInput{MaxResults: new(1000 + over)})
		return err
	}},
	{limit: "MaxNumberOfMessages", refused: api.InvalidMaxNumberOfMessages, try: func(f *fixture, over int) error {
		return f.receives(api.ReceiveMessageInput{MaxNumberOfMessages: new(10 + over)})
	}},
	{limit: "MaxWaitTimeSeconds", refused: api.InvalidWaitTime, try: func(f *fixture, over int) error {
		return f.receives(api.ReceiveMessageInput{WaitTimeSeconds: new(20 + over)})
	}},
	{limit: "MaxVisibilityTimeout", refused: api.InvalidVisibilityTimeout, try: func(f *fixture, over int) error {
		return f.receives(api.ReceiveMessageInput{VisibilityTimeout: new(43200 + over)})
	}},
	{limit: "MaxVisibilityTimeout", refused: api.VisibilityBeyondLimit, try: func(f *fixture, over int) error {
		f.send(f.queue, "b")
		handle := f.receive(api.ReceiveMessageInput{}).ReceiptHandle
		f.advance(time.Duration(over) * time.Millisecond) // the 12 hours count from the receive
		in := &api.ChangeMessageVisibilityInput{QueueURL: f.queue, ReceiptHandle: handle, VisibilityTimeout: new(43200)}
		_, err := f.ChangeMessageVisibility(f.Context(), f.call, in)
		return err
	}},
	{limit: "MaxReceiptHandle", refused: api.ReceiptHandleIsInvalid, try: func(f *fixture, over int) error {
		_, err := f.DeleteMessage(f.Context(), f.call, &api.DeleteMessageInput{QueueURL: f.queue, ReceiptHandle: repeat(1024 + over)})
		if over == 0 && strings.HasSuffix(err.Error(), repeat(1024)+`" is not a valid receipt handle.`) {
			return nil // nobody issued it, and it is repeated as a whole
		}
		return err
	}},
	{limit: "MaxMovesPerSecond", refused: api.InvalidMoveRate, at: api.MoveSourceDoesNotExist, try: func(f *fixture, over int) error {
		_, err := f.StartMessageMoveTask(f.Context(), f.call,
			&api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "absent", MaxNumberOfMessagesPerSecond: new(500 + over)})
		return err
	}},
	{limit: "MaxMoveResults", refused: api.InvalidMoveResults, try: func(f *fixture, over int) error {
		_, err := f.ListMessageMoveTasks(f.Context(), f.call, &api.ListMessageMoveTasksInput{SourceARN: arnPrefix + "q", MaxResults: new(10 + over)})
		return err
	}},
}

func (f *fixture) sends(in api.SendMessageInput) error {
	if in.QueueURL == "" {
		in.QueueURL = f.queue
	}
	_, err := f.SendMessage(f.Context(), f.call, &in)
	return err
}

// ordered is a send to a new FIFO queue.
func (f *fixture) ordered(name string, in api.SendMessageInput) error {
	in.QueueURL, in.MessageBody = f.create(name+".fifo", set(api.FifoQueue, "true")), "b"
	return f.sends(in)
}

var messageEdges = []edge{
	{limit: "MaxDelaySeconds", refused: api.InvalidDelay, try: func(f *fixture, over int) error { return f.sends(delay(900 + over)) }},
	{limit: "MaxMessageAttributes", refused: api.TooManyMessageAttributes, try: func(f *fixture, over int) error {
		return f.sends(with(attributes(10 + over)...))
	}},
	{limit: "MaxAttributeName", refused: api.AttributeNameTooLong, try: func(f *fixture, over int) error {
		return f.sends(with(attribute(repeat(256+over), "String", "v")))
	}},
	{limit: "MaxAttributeName", refused: api.AttributeTypeTooLong, try: func(f *fixture, over int) error {
		return f.sends(with(attribute("n", "String."+repeat(249+over), "v")))
	}},
	{limit: "MaxGroupID", refused: api.InvalidGroupID, try: func(f *fixture, over int) error { return f.sends(group(repeat(128 + over))) }},
	{limit: "MaxGroupID", refused: api.InvalidDedupID, try: func(f *fixture, over int) error {
		return f.ordered("dedup", api.SendMessageInput{MessageGroupID: new("g"), MessageDeduplicationID: new(repeat(128 + over))})
	}},
	{limit: "MaxGroupID", refused: api.InvalidAttemptID, try: func(f *fixture, over int) error {
		url := f.create("attempt.fifo", set(api.FifoQueue, "true"))
		_, err := f.ReceiveMessage(f.Context(), f.call, &api.ReceiveMessageInput{QueueURL: url, ReceiveRequestAttemptID: new(repeat(128 + over))})
		return err
	}},
	{limit: "MaxTraceHeader", refused: api.TraceHeaderTooLong, try: func(f *fixture, over int) error {
		return f.sends(system(attribute(api.AWSTraceHeader, "String", repeat(4096+over))))
	}},
}

func (f *fixture) creates(in api.CreateQueueInput) error {
	_, err := f.CreateQueue(f.Context(), f.call, &in)
	return err
}

func (f *fixture) tag(tags ...api.Tag) error {
	_, err := f.TagQueue(f.Context(), f.call, &api.TagQueueInput{QueueURL: f.queue, Tags: tags})
	return err
}

var queueEdges = []edge{
	{limit: "MaxQueueName", refused: api.InvalidQueueName, try: func(f *fixture, over int) error {
		return f.creates(api.CreateQueueInput{QueueName: repeat(80 + over)})
	}},
	{limit: "MaxQueueName", refused: api.InvalidFIFOQueueName, try: func(f *fixture, over int) error {
		return f.creates(api.CreateQueueInput{QueueName: repeat(75+over) + ".fifo", Attributes: api.Attributes{set(api.FifoQueue, "true")}})
	}},
	{limit: "MaxTags", refused: api.TooManyTags, try: func(f *fixture, over int) error {
		for i := range 49 {
			want(f.T, f.tag(api.Tag{Key: fmt.Sprint(i)}), nil, "")
		}
		return f.tag(api.Tag{Key: fmt.Sprint("last", over)})
	}},
	{limit: "MaxTagKey", refused: api.InvalidTagKey, try: func(f *fixture, over int) error { return f.tag(api.Tag{Key: repeat(128 + over)}) }},
	{limit: "MaxTagValue", refused: api.InvalidTagValue, try: func(f *fixture, over int) error {
		return f.tag(api.Tag{Key: "k", Value: repeat(256 + over)})
	}},
	{limit: "PurgeInterval", refused: api.PurgeQueueInProgress, try: func(f *fixture, over int) error {
		url := f.create(fmt.Sprint("purged", over))
		purge := func() error {
			_, err := f.PurgeQueue(f.Context(), f.call, &api.PurgeQueueInput{QueueURL: url})
			return err
		}
		want(f.T, purge(), nil, "")
		f.advance(60*time.Second - time.Duration(over)*time.Millisecond)
		return purge()
	}},
	{limit: "RecreateInterval", refused: api.QueueDeletedRecently, try: func(f *fixture, over int) error {
		name := fmt.Sprint("deleted", over)
		_, err := f.DeleteQueue(f.Context(), f.call, &api.DeleteQueueInput{QueueURL: f.create(name)})
		want(f.T, err, nil, "")
		f.advance(60*time.Second - time.Duration(over)*time.Millisecond)
		return f.creates(api.CreateQueueInput{QueueName: name})
	}},
}

func (f *fixture) permits(label string, actions ...string) error {
	_, err := f.AddPermission(f.Context(), f.call, permission(label, []string{alice}, actions...))
	return err
}

var policyEdges = []edge{
	{limit: "MaxPolicyBytes", refused: api.InvalidAttributeValue, try: func(f *fixture, over int) error {
		return f.update(f.queue, set(api.Policy, `{"x":"`+repeat(8192-8+over)+`"}`))
	}},
	{limit: "MaxPolicyBytes", refused: api.InvalidRedriveAllowPolicy, try: func(f *fixture, over int) error {
		const policy = `{"redrivePermission":"allowAll","x":""}`
		return f.update(f.queue, set(api.RedriveAllowPolicy, strings.Replace(policy, `"x":"`, `"x":"`+repeat(8192-len(policy)+over), 1)))
	}},
	{limit: "MaxPolicyBytes", refused: api.RedrivePolicyNotJSON, try: func(f *fixture, over int) error {
		policy := `{"deadLetterTargetArn":"` + arnPrefix + `q","maxReceiveCount":1,"x":""}`
		return f.update(f.queue, set(api.RedrivePolicy, strings.Replace(policy, `"x":"`, `"x":"`+repeat(8192-len(policy)+over), 1)))
	}},
	{limit: "MaxPolicyStatements", refused: api.TooManyStatements, try: func(f *fixture, over int) error {
		for i := range 19 * (1 - over) {
			want(f.T, f.permits(fmt.Sprint(i), "*"), nil, "")
		}
		return f.permits(fmt.Sprint("last", over), "*")
	}},
	{limit: "MaxPermissionActions", refused: api.TooManyPermissions, try: func(f *fixture, over int) error {
		return f.permits(fmt.Sprint("l", over), slices.Repeat([]string{"SendMessage"}, 7+over)...)
	}},
	{limit: "MaxLabel", refused: api.InvalidLabel, try: func(f *fixture, over int) error { return f.permits(repeat(80+over), "*") }},
	{limit: "MaxKeyID", refused: api.InvalidAttributeValue, try: func(f *fixture, over int) error {
		return f.update(f.queue, set(api.KmsMasterKeyID, repeat(2048+over)))
	}},
	{limit: "MaxReceiveCount", refused: api.InvalidMaxReceiveCount, try: func(f *fixture, over int) error {
		return f.update(f.queue, redriveTo("q", 1000+over))
	}},
	{limit: "MaxReceiveCount", refused: api.InvalidMaxReceiveCount, try: func(f *fixture, over int) error { // the least is 1
		return f.update(f.queue, redriveTo("q", 1-over))
	}},
	{limit: "MaxRedriveSources", refused: api.InvalidRedriveAllowPolicy, try: func(f *fixture, over int) error {
		arns := slices.Repeat([]string{`"` + arnPrefix + `s"`}, 10+over)
		return f.update(f.queue, set(api.RedriveAllowPolicy, `{"redrivePermission":"byQueue","sourceQueueArns":[`+strings.Join(arns, ",")+`]}`))
	}},
}

// fillFlight receives until n messages are in flight, a thousand at a time, which only the engine can.
func (f *fixture) fillFlight(url string, n int) {
	f.Helper()
	name := url[strings.LastIndexByte(url, '/')+1:]
	q, err := f.engine.Queue(engine.Key{Account: account, Region: "us-east-1", Name: name})
	if err != nil {
		f.Fatal(err)
	}
	counts, err := q.Counts(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	messages := make([]engine.NewMessage, 1000)
	for got := counts.InFlight; got < n; {
		for i := range messages {
			messages[i] = engine.NewMessage{Body: "b", Delay: -1, GroupID: fmt.Sprint("g", got), DeduplicationID: fmt.Sprint(got + i)}
		}
		part := messages[:min(len(messages), n-got)]
		if _, err := q.Send(f.Context(), part); err != nil {
			f.Fatal(err)
		}
		ds, err := q.Receive(f.Context(), engine.ReceiveParams{Max: len(part), Visibility: time.Hour})
		if err != nil {
			f.Fatal(err)
		}
		if len(ds) != len(part) {
			f.Fatalf("got %d messages of %d", len(ds), len(part))
		}
		got += len(ds)
	}
}

// TestInFlight: with 120,000 messages in flight a short poll of a standard queue is refused, and a long poll finds nothing; of
// a FIFO queue both find nothing.
func TestInFlight(t *testing.T) {
	for _, c := range []struct {
		name  string
		short *api.Kind
		new   func(*testing.T, ...api.Attribute) *fixture
	}{
		{"standard", api.OverLimit, func(t *testing.T, _ ...api.Attribute) *fixture { return newFixture(t, nil) }},
		{"fifo", nil, newFIFO},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.new(t)
			f.fillFlight(f.queue, 120_000-5)
			in := api.SendMessageInput{QueueURL: f.queue, MessageGroupID: new("g")}
			for i := range 10 {
				in.MessageBody = fmt.Sprint(i)
				if c.name == "fifo" {
					in.MessageDeduplicationID = new(fmt.Sprint("d", i))
				}
				want(t, f.sends(in), nil, "")
			}
			bodies, handle := f.take(api.ReceiveMessageInput{})
			if bodies != "0 1 2 3 4" {
				t.Errorf("got %q, want the five for which there is room", bodies)
			}
			receive := &api.ReceiveMessageInput{QueueURL: f.queue}
			out, err := f.ReceiveMessage(t.Context(), f.call, receive)
			want(t, err, c.short, "")
			if err == nil && len(out.Messages) != 0 {
				t.Errorf("got %v beyond the limit", out.Messages)
			}
			receive.WaitTimeSeconds = new(1)
			out, err = f.ReceiveMessage(t.Context(), f.call, receive)
			want(t, err, nil, "")
			if err == nil && len(out.Messages) != 0 {
				t.Errorf("a long poll got %v beyond the limit", out.Messages)
			}
			_, err = f.DeleteMessage(t.Context(), f.call, &api.DeleteMessageInput{QueueURL: f.queue, ReceiptHandle: handle})
			want(t, err, nil, "")
			if bodies, _ := f.take(api.ReceiveMessageInput{}); c.name == "standard" && bodies != "5" {
				t.Errorf("got %q, want the one for which there is room again", bodies)
			}
		})
	}
}
