package api

// Attribute is one queue attribute or message system attribute: SQS carries the values of both as strings.
type Attribute struct {
	Name  string `wire:"Name"`
	Value string `wire:"Value"`
}

// Attributes keeps attributes in the order of the wire.
type Attributes []Attribute

// Get returns the value of the last attribute called name, and whether there is one.
func (as Attributes) Get(name string) (string, bool) {
	for i := len(as) - 1; i >= 0; i-- {
		if as[i].Name == name {
			return as[i].Value, true
		}
	}
	return "", false
}

// Tag is one cost-allocation tag of a queue.
type Tag struct {
	Key   string `wire:"Key"`
	Value string `wire:"Value"`
}

// CreateQueueInput names the new queue. Tags are lower-case in JSON: AWS's model says so.
type CreateQueueInput struct {
	QueueName  string     `wire:"QueueName"`
	Attributes Attributes `wire:"Attributes,Attribute,map"`
	Tags       []Tag      `wire:"tags,Tag,map"`
}

// CreateQueueOutput carries the URL by which the queue is addressed from now on.
type CreateQueueOutput struct {
	QueueURL string `wire:"QueueUrl"`
}

// GetQueueURLInput asks for the URL of a queue by its name.
type GetQueueURLInput struct {
	QueueName              string  `wire:"QueueName"`
	QueueOwnerAWSAccountID *string `wire:"QueueOwnerAWSAccountId"`
}

// GetQueueURLOutput answers with it.
type GetQueueURLOutput struct {
	QueueURL string `wire:"QueueUrl"`
}

// ListQueuesInput selects queues by prefix. Without MaxResults there are no pages.
type ListQueuesInput struct {
	QueueNamePrefix *string `wire:"QueueNamePrefix"`
	MaxResults      *int    `wire:"MaxResults"`
	NextToken       *string `wire:"NextToken"`
}

// ListQueuesOutput holds one page; NextToken is nil on the last.
type ListQueuesOutput struct {
	QueueURLs []string `wire:"QueueUrls,QueueUrl"`
	NextToken *string  `wire:"NextToken"`
}

// DeleteQueueInput names the queue to delete.
type DeleteQueueInput struct {
	QueueURL string `wire:"QueueUrl"`
}

// GetQueueAttributesInput asks for attributes by name. No names, no attributes.
type GetQueueAttributesInput struct {
	QueueURL       string   `wire:"QueueUrl"`
	AttributeNames []string `wire:"AttributeNames,AttributeName"`
}

// GetQueueAttributesOutput holds those that are set.
type GetQueueAttributesOutput struct {
	Attributes Attributes `wire:"Attributes,Attribute,map"`
}

// SetQueueAttributesInput changes attributes, all or none.
type SetQueueAttributesInput struct {
	QueueURL   string     `wire:"QueueUrl"`
	Attributes Attributes `wire:"Attributes,Attribute,map"`
}

// PurgeQueueInput names the queue to empty.
type PurgeQueueInput struct {
	QueueURL string `wire:"QueueUrl"`
}
