module github.com/bufeomq/bufeo/test

go 1.26.0

require github.com/bufeomq/bufeo v0.0.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0 // indirect
	github.com/aws/smithy-go v1.28.9 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
)

replace github.com/bufeomq/bufeo => ..
