using System.Runtime.InteropServices;
using NexusGen.Torch.Native;
using NexusGen.Training.Core;
using static TorchSharp.torch;

namespace NexusGen.Training.Distributed;

/// <summary>Collectives on OpenMPI, for tensors in the memory of the host.</summary>
internal sealed unsafe class MpiCollectives : ICollectives
{
    // Counts are 32-bit numbers in MPI.
    private const long MaxCount = 1 << 28;

    private readonly nint _world, _float32, _float64, _int64, _byte, _sum;

    /// <summary>Joins the processes that the launcher started. Once per process.</summary>
    /// <param name="expected">The number of processes according to the launcher.</param>
    /// <exception cref="TrainingException">OpenMPI is not installed, or it counts other processes.</exception>
    public MpiCollectives(int expected)
    {
        nint library = MpiLibrary.Load();
        if (library == 0)
        {
            throw new TrainingException(
                $"A launcher started {expected} processes, but OpenMPI's library {MpiLibrary.Name} is not installed; install it "
                + "(Debian and Ubuntu: apt-get install openmpi-bin libopenmpi3), or start one process without a launcher.");
        }

        _world = NativeLibrary.GetExport(library, "ompi_mpi_comm_world");
        _float32 = NativeLibrary.GetExport(library, "ompi_mpi_float");
        _float64 = NativeLibrary.GetExport(library, "ompi_mpi_double");
        _int64 = NativeLibrary.GetExport(library, "ompi_mpi_int64_t");
        _byte = NativeLibrary.GetExport(library, "ompi_mpi_byte");
        _sum = NativeLibrary.GetExport(library, "ompi_mpi_op_sum");
        int provided, rank, size;
        Check(MpiLibrary.MPI_Init_thread(null, null, MpiLibrary.ThreadSerialized, &provided));
        Check(MpiLibrary.MPI_Comm_set_errhandler(_world, NativeLibrary.GetExport(library, "ompi_mpi_errors_return")));
        Check(MpiLibrary.MPI_Comm_rank(_world, &rank));
        Check(MpiLibrary.MPI_Comm_size(_world, &size));
        if (size != expected)
        {
            throw new TrainingException(
                $"The launcher started {expected} processes, but OpenMPI counts {size}; start them with OpenMPI's own mpirun, or "
                + "with srun --mpi=pmix.");
        }

        (Rank, Size) = (rank, size);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public Device Device => CPU;

    /// <inheritdoc/>
    public void AllReduce(Tensor values)
    {
        byte* data = Data(values);
        nint type = TypeOf(values);
        for (long done = 0; done < values.numel(); done += MaxCount)
        {
            int count = (int)Math.Min(MaxCount, values.numel() - done);
            Check(MpiLibrary.MPI_Allreduce(
                MpiLibrary.InPlace, data + (done * values.ElementSize), count, type, _sum, _world));
        }

        GC.KeepAlive(values);
    }

    /// <inheritdoc/>
    public void Broadcast(Tensor values, int root) =>
        Move(values, (data, count) => MpiLibrary.MPI_Bcast((void*)data, count, _byte, root, _world));

    /// <inheritdoc/>
    public void Send(Tensor values, int to) =>
        Move(values, (data, count) => MpiLibrary.MPI_Send((void*)data, count, _byte, to, 0, _world));

    /// <inheritdoc/>
    public void Receive(Tensor values, int from) =>
        Move(values, (data, count) => MpiLibrary.MPI_Recv((void*)data, count, _byte, from, 0, _world, MpiLibrary.NoStatus));

    /// <inheritdoc/>
    public void AllGather(Tensor own, Tensor all)
    {
        int bytes = Count(own.numel() * own.ElementSize);
        if (all.numel() != own.numel() * Size)
        {
            throw new ArgumentException($"{all.numel()} values can't hold {own.numel()} of each of {Size} ranks.");
        }

        Check(MpiLibrary.MPI_Allgather(Data(own), bytes, _byte, Data(all), bytes, _byte, _world));
        GC.KeepAlive(own);
        GC.KeepAlive(all);
    }

    /// <inheritdoc/>
    public void ReduceScatter(Tensor all, Tensor own)
    {
        if (all.numel() != own.numel() * Size)
        {
            throw new ArgumentException($"{all.numel()} values can't be divided into {own.numel()} for each of {Size} ranks.");
        }

        Check(MpiLibrary.MPI_Reduce_scatter_block(
            Data(all), Data(own), Count(own.numel()), TypeOf(own), _sum, _world));
        GC.KeepAlive(own);
        GC.KeepAlive(all);
    }

    /// <inheritdoc/>
    public void Barrier() => Check(MpiLibrary.MPI_Barrier(_world));

    /// <summary>Leaves the processes: waits until all have called this.</summary>
    public void Dispose() => _ = MpiLibrary.MPI_Finalize();

    private static void Move(Tensor values, Func<nint, int, int> move)
    {
        nint data = (nint)Data(values);
        long bytes = values.numel() * values.ElementSize;
        for (long done = 0; done < bytes; done += MaxCount)
        {
            Check(move((nint)(data + done), (int)Math.Min(MaxCount, bytes - done)));
        }

        GC.KeepAlive(values);
    }

    private static int Count(long count) =>
        count <= int.MaxValue ? (int)count : throw new ArgumentException($"{count} values are too many for one operation.");

    private static byte* Data(Tensor values) =>
        values.device_type == TorchSharp.DeviceType.CPU && values.is_contiguous()
            ? NativeTensors.Data(values)
            : throw new ArgumentException("MPI exchanges contiguous tensors in the memory of the host.");

    private static void Check(int code)
    {
        if (code == 0)
        {
            return;
        }

        // If the reason is the death of a rank, the watch ends this process meanwhile and tells it.
        Thread.Sleep(TimeSpan.FromSeconds(5));

        // At most MPI_MAX_ERROR_STRING bytes.
        byte* text = stackalloc byte[256];
        int length = 0;
        _ = MpiLibrary.MPI_Error_string(code, text, &length);
        throw new TrainingException($"The processes can't exchange data: {Marshal.PtrToStringUTF8((nint)text, length)}.");
    }

    private nint TypeOf(Tensor values) => values.dtype switch
    {
        ScalarType.Float32 => _float32,
        ScalarType.Float64 => _float64,
        ScalarType.Int64 => _int64,
        _ => throw new ArgumentException($"Values of {values.dtype} are not added over ranks."),
    };
}
