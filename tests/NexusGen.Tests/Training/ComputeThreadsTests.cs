using NexusGen.Training.Gradients;

namespace NexusGen.Tests.Training;

public class ComputeThreadsTests
{
    [Fact]
    public void EachWorkHasItsThread()
    {
        using var threads = new ComputeThreads(3);
        int[] first = ThreadsOf(threads, 3), second = ThreadsOf(threads, 2);
        Assert.Equal(3, first.Distinct().Count());
        Assert.Equal(Environment.CurrentManagedThreadId, first[0]);
        Assert.Equal(first[..2], second);

        static int[] ThreadsOf(ComputeThreads threads, int count)
        {
            int[] ids = new int[count];
            threads.Run(count, i => ids[i] = Environment.CurrentManagedThreadId);
            return ids;
        }
    }

    [Fact]
    public void TheyWorkAtTheSameTime()
    {
        using var threads = new ComputeThreads(3);
        using var meeting = new Barrier(3);
        bool[] met = new bool[3];
        threads.Run(3, i => met[i] = meeting.SignalAndWait(TimeSpan.FromMinutes(1)));
        Assert.All(met, Assert.True);
    }

    [Fact]
    public void TheFirstErrorIsRaisedWhenAllHaveEnded()
    {
        using var threads = new ComputeThreads(3);
        int ended = 0;
        void Work(int i)
        {
            Thread.Sleep(10 * (3 - i));
            Interlocked.Increment(ref ended);
            if (i > 0)
            {
                throw new InvalidDataException($"work {i}");
            }
        }

        Assert.Equal("work 1", Assert.Throws<InvalidDataException>(() => threads.Run(3, Work)).Message);
        Assert.Equal(3, ended);
        threads.Run(3, _ => Interlocked.Increment(ref ended));
        Assert.Equal(6, ended);
    }
}
