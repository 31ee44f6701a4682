using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// Distributes rows among threads. It uses the OpenMP threads of libtorch if they can be found, because they are awake between
/// two operators and a second set of threads would compete with them; otherwise, .NET's thread pool.
/// </summary>
internal static unsafe class KernelThreads
{
    // Several small shares per thread, so that a thread that starts late does not delay the others.
    private const int SharesPerThread = 4;

    private static readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void> Team =
        FindTeam();

    /// <summary>Gets whether the OpenMP threads of libtorch were found.</summary>
    public static bool AreLibtorchs => Team is not null;

    /// <summary>Processes all rows, divided into shares that the threads take one after another.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="work">
    /// The approximate number of elements in a row. A small amount of work stays on the calling thread.
    /// </param>
    /// <param name="body">Processes the rows from the first number to the second, exclusive. Must not throw.</param>
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

    // GNU OpenMP: void GOMP_parallel(void (*)(void *), void *, unsigned threads, unsigned flags).
    private static delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void> FindTeam()
    {
        NativeRuntime.EnsureLoaded();
        nint address = 0;
        bool found = NativeLibrary.TryLoad("torch_cpu", typeof(KernelThreads).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, "GOMP_parallel", out address);
        return (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void>)
            (found ? address : 0);
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
