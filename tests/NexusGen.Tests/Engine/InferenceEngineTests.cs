using NexusGen.Core;
using NexusGen.Engine;
using static TorchSharp.torch;

namespace NexusGen.Tests.Engine;

public class InferenceEngineTests
{
    [Fact]
    public async Task JobsTakeTurns()
    {
        using var engine = new InferenceEngine();
        using var bothThere = new ManualResetEventSlim();
        List<string> order = [];
        async Task<int> Steps(JobContext job, string name)
        {
            bothThere.Wait();
            for (int i = 0; i < 3; i++)
            {
                order.Add(name);
                await job.NextStep();
            }

            return 0;
        }

        Task a = engine.RunAsync(job => Steps(job, "a"));
        Task b = engine.RunAsync(job => Steps(job, "b"));
        bothThere.Set();
        await Task.WhenAll(a, b);
        Assert.Equal(["a", "b", "a", "b", "a", "b"], order);
    }

    [Fact]
    public async Task StepsRunOnOneThreadWithoutAutogradInAScope()
    {
        using var engine = new InferenceEngine();
        HashSet<int> threads = [];
        Tensor? leaked = null;
        async Task<int> Steps(JobContext job)
        {
            for (int i = 0; i < 5; i++)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                Assert.False(is_grad_enabled());
                leaked = ones(2);
                await job.NextStep();
            }

            return 0;
        }

        await engine.RunAsync(Steps);
        Assert.Single(threads);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
        Assert.True(leaked!.IsInvalid);
    }

    [Fact]
    public async Task AWakeThatComesDuringTheStepIsNotForgotten()
    {
        // The change that a job waits for may happen before its step has said that it waits.
        using var engine = new InferenceEngine();
        async Task<int> Steps(JobContext job)
        {
            for (int i = 0; i < 3; i++)
            {
                Task.Run(engine.Wake).Wait();
                await job.WaitForChange();
            }

            return 0;
        }

        await engine.RunAsync(Steps).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task CancellationEndsTheJobBeforeItsNextStepAndRunsItsFinally()
    {
        using var engine = new InferenceEngine();
        using var source = new CancellationTokenSource();
        int steps = 0;
        bool cleaned = false;
        async Task<int> Steps(JobContext job)
        {
            try
            {
                while (true)
                {
                    if (++steps == 3)
                    {
                        source.Cancel();
                    }

                    await job.NextStep();
                }
            }
            finally
            {
                cleaned = true;
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RunAsync(Steps, source.Token));
        Assert.Equal(3, steps);
        Assert.True(cleaned);
        Assert.Equal(0, engine.JobCount);
    }

    [Fact]
    public async Task AWaitingJobIsCancelledToo()
    {
        using var engine = new InferenceEngine();
        using var source = new CancellationTokenSource();
        static async Task<int> Wait(JobContext job)
        {
            while (true)
            {
                await job.WaitForChange();
            }
        }

        Task waiting = engine.RunAsync(Wait, source.Token);
        source.CancelAfter(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task AFailureReachesItsCallerAndNoOther()
    {
        using var engine = new InferenceEngine();
        static async Task<int> Fail(JobContext job)
        {
            await job.NextStep();
            throw new NexusGenException("on purpose");
        }

        static async Task<int> Work(JobContext job)
        {
            for (int i = 0; i < 10; i++)
            {
                await job.NextStep();
            }

            return 0;
        }

        Task failing = engine.RunAsync(Fail);
        Task working = engine.RunAsync(Work);
        NexusGenException error = await Assert.ThrowsAsync<NexusGenException>(() => failing);
        Assert.Equal("on purpose", error.Message);
        await working;
    }

    [Fact]
    public async Task DisposingEndsAllJobs()
    {
        var engine = new InferenceEngine();
        static async Task<int> Forever(JobContext job)
        {
            while (true)
            {
                await job.NextStep();
            }
        }

        Task running = engine.RunAsync(Forever);
        engine.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        Assert.Throws<ObjectDisposedException>(() => { _ = engine.RunAsync(Forever); });
    }
}
