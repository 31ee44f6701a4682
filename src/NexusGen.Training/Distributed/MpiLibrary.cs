using System.Runtime.InteropServices;

namespace NexusGen.Training.Distributed;

/// <summary>
/// The functions of OpenMPI that are used (<c>mpi.h</c> of versions 4 and 5, whose binary interface is <c>libmpi.so.40</c>). Its
/// handles are addresses of exported symbols.
/// </summary>
internal static unsafe partial class MpiLibrary
{
    /// <summary>The file name of the library.</summary>
    public const string Name = "libmpi.so.40";

    /// <summary>The level at which any one thread calls at a time.</summary>
    public const int ThreadSerialized = 2;

    /// <summary>Stands for the send buffer of an operation in place.</summary>
    public static readonly void* InPlace = (void*)1;

    /// <summary>Stands for a status that nobody reads (<c>MPI_STATUS_IGNORE</c>).</summary>
    public static readonly void* NoStatus = null;

    /// <summary>Loads the library.</summary>
    /// <returns>The handle, or 0 if the library is not installed.</returns>
    public static nint Load() => NativeLibrary.TryLoad(Name, out nint library) ? library : 0;

    [LibraryImport(Name)]
    public static partial int MPI_Init_thread(int* argc, byte*** argv, int required, int* provided);

    [LibraryImport(Name)]
    public static partial int MPI_Comm_rank(nint communicator, int* rank);

    [LibraryImport(Name)]
    public static partial int MPI_Comm_size(nint communicator, int* size);

    [LibraryImport(Name)]
    public static partial int MPI_Comm_set_errhandler(nint communicator, nint handler);

    [LibraryImport(Name)]
    public static partial int MPI_Allreduce(void* send, void* receive, int count, nint type, nint operation, nint communicator);

    [LibraryImport(Name)]
    public static partial int MPI_Bcast(void* buffer, int count, nint type, int root, nint communicator);

    [LibraryImport(Name)]
    public static partial int MPI_Allgather(
        void* send, int sendCount, nint sendType, void* receive, int receiveCount, nint receiveType, nint communicator);

    [LibraryImport(Name)]
    public static partial int MPI_Reduce_scatter_block(
        void* send, void* receive, int count, nint type, nint operation, nint communicator);

    [LibraryImport(Name)]
    public static partial int MPI_Send(void* buffer, int count, nint type, int to, int tag, nint communicator);

    [LibraryImport(Name)]
    public static partial int MPI_Recv(
        void* buffer, int count, nint type, int from, int tag, nint communicator, void* status);

    [LibraryImport(Name)]
    public static partial int MPI_Barrier(nint communicator);

    [LibraryImport(Name)]
    public static partial int MPI_Error_string(int code, byte* text, int* length);

    [LibraryImport(Name)]
    public static partial int MPI_Finalize();
}
