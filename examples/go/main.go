// The SigV2 access log from a program in Go.
package main

import (
	"example.com/pulumi-sigv2/sdk/go/sigv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		// Settings of README.md; what is wrong with them is said in one sentence before anything is made.
		log, err := sigv2.NewSigV2AccessLog(ctx, "sigv2", &sigv2.SigV2AccessLogArgs{
			TargetBuckets:    []string{"my-bucket"},
			LogRetentionDays: pulumi.IntRef(90),
		})
		if err != nil {
			return err
		}
		ctx.Export("logGroupName", log.LogGroupName)
		ctx.Export("dashboardLink", log.DashboardLink)
		return nil
	})
}
