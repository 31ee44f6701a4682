using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// Shares rows out among threads: those of libtorch's own OpenMP where it can be found, since they are awake between two
/// operators and a second set of threads would compete with them; .NET's otherwise.
/// </summary>
internal static unsafe class KernelThreads
{
    // Small enough that a thread which comes late does not hold up the others.
    private const int SharesPerThread = 4;

    private static readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void> Team = FindTeam();

    /// <summary>Whether libtorch's own threads were found.</summary>
    public static bool AreLibtorchs => Team is not null;

    /// <summary>Does some rows at a time, until all are done.</summary>
    /// <param name="rows">How many there are.</param>
    /// <param name="work">About how many elements a row has: little work stays on this thread.</param>
    /// <param name="body">Does the rows from the first to before the last. Must not throw.</param>
    public static void Run(long rows, long work, Action<long, long> body)
    {
        int threads = get_num_threads();
        if (threads == 1 || rows < 2 || rows * work < 1 << 15)
        {
            body(0, rows);
            return;
        }

        var task = new Task(rows, (int)Math.Min(rows, threads * SharesPerThread), body);
        if (Team is null)
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => task.Work());
            return;
        }

        GCHandle handle = GCHandle.Alloc(task);
        try
        {
            Team(&WorkOnTeam, (void*)GCHandle.ToIntPtr(handle), (uint)threads, 0);
        }
        finally
        {
            handle.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WorkOnTeam(void* task) => ((Task)GCHandle.FromIntPtr((nint)task).Target!).Work();

    // GNU's OpenMP: void GOMP_parallel(void (*)(void *), void *, unsigned threads, unsigned flags).
    private static delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void> FindTeam()
    {
        NativeRuntime.EnsureLoaded();
        nint address = 0;
        bool found = NativeLibrary.TryLoad("torch_cpu", typeof(KernelThreads).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, "GOMP_parallel", out address);
        return (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void>)(found ? address : 0);
    }

    private sealed class Task(long rows, int shares, Action<long, long> body)
    {
        private int _taken = -1;

        public void Work()
        {
            for (int share = Interlocked.Increment(ref _taken); share < shares; share = Interlocked.Increment(ref _taken))
            {
                body(rows * share / shares, rows * (share + 1) / shares);
            }
        }
    }
}
