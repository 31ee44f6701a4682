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
        IEnumerable<JobState> Steps(string name)
        {
            bothThere.Wait();
            for (int i = 0; i < 3; i++)
            {
                order.Add(name);
                yield return JobState.Working;
            }
        }

        Task a = engine.RunAsync(Steps("a"));
        Task b = engine.RunAsync(Steps("b"));
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
        IEnumerable<JobState> Steps()
        {
            for (int i = 0; i < 5; i++)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                Assert.False(is_grad_enabled());
                leaked = ones(2);
                yield return JobState.Working;
            }
        }

        await engine.RunAsync(Steps());
        Assert.Single(threads);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
        Assert.True(leaked!.IsInvalid);
    }

    [Fact]
    public async Task AWakeThatComesDuringTheStepIsNotForgotten()
    {
        // What a job waits for may be there before its step has said that it waits.
        using var engine = new InferenceEngine();
        IEnumerable<JobState> Steps()
        {
            for (int i = 0; i < 3; i++)
            {
                Task.Run(engine.Wake).Wait();
                yield return JobState.Waiting;
            }
        }

        await engine.RunAsync(Steps()).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task CancellationEndsTheJobBeforeItsNextStepAndRunsItsFinally()
    {
        using var engine = new InferenceEngine();
        using var source = new CancellationTokenSource();
        int steps = 0;
        bool cleaned = false;
        IEnumerable<JobState> Steps()
        {
            try
            {
                while (true)
                {
                    if (++steps == 3)
                    {
                        source.Cancel();
                    }

                    yield return JobState.Working;
                }
            }
            finally
            {
                cleaned = true;
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RunAsync(Steps(), source.Token));
        Assert.Equal(3, steps);
        Assert.True(cleaned);
        Assert.Equal(0, engine.JobCount);
    }

    [Fact]
    public async Task AWaitingJobIsCancelledToo()
    {
        using var engine = new InferenceEngine();
        using var source = new CancellationTokenSource();
        static IEnumerable<JobState> Wait()
        {
            while (true)
            {
                yield return JobState.Waiting;
            }
        }

        Task waiting = engine.RunAsync(Wait(), source.Token);
        source.CancelAfter(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task AFailureReachesItsCallerAndNoOther()
    {
        using var engine = new InferenceEngine();
        static IEnumerable<JobState> Fail()
        {
            yield return JobState.Working;
            throw new NexusGenException("on purpose");
        }

        static IEnumerable<JobState> Work()
        {
            for (int i = 0; i < 10; i++)
            {
                yield return JobState.Working;
            }
        }

        Task failing = engine.RunAsync(Fail());
        Task working = engine.RunAsync(Work());
        NexusGenException error = await Assert.ThrowsAsync<NexusGenException>(() => failing);
        Assert.Equal("on purpose", error.Message);
        await working;
    }

    [Fact]
    public async Task DisposingEndsAllJobs()
    {
        var engine = new InferenceEngine();
        static IEnumerable<JobState> Forever()
        {
            while (true)
            {
                yield return JobState.Working;
            }
        }

        Task running = engine.RunAsync(Forever());
        engine.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        Assert.Throws<ObjectDisposedException>(() => { _ = engine.RunAsync(Forever()); });
    }
}
