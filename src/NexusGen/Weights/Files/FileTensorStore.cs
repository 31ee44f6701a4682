using System.Runtime.InteropServices;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files;

/// <summary>
/// The tensors of opened files of any format; a format only determines how the entries are found. Reading checks an entry against
/// the file again, so that no entry, wherever it comes from, can reach outside of the file. Thread-safe.
/// </summary>
internal sealed unsafe class FileTensorStore : ITensorStore
{
    // Small enough to stay in a processor's cache between being read and being converted.
    private const long StagingBytes = 4 << 20;

    private readonly Dictionary<string, WeightFile> _files;

    /// <summary>Initializes a store from its entries and takes ownership of the files.</summary>
    /// <param name="location">The file or folder, used in messages.</param>
    /// <param name="files">The opened files.</param>
    /// <param name="entries">The tensors by name, in order.</param>
    /// <param name="metadata">The metadata of the files.</param>
    public FileTensorStore(
        string location,
        IEnumerable<WeightFile> files,
        IReadOnlyDictionary<string, TensorEntry> entries,
        IReadOnlyDictionary<string, string> metadata)
    {
        Location = location;
        Entries = entries;
        Metadata = metadata;
        _files = files.ToDictionary(file => file.Path);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null)
    {
        NativeRuntime.EnsureLoaded();
        WeightFile file = FileOf(entry);
        ScalarType wanted = type ?? entry.Type;
        Device destination = device ?? CPU;
        using IDisposable noGradient = no_grad();
        if (entry.Blocks is { } blocks)
        {
            return ReadBlocks(file, entry, blocks, wanted, destination);
        }

        if (!entry.Strides.IsDefault)
        {
            return ReadView(file, entry, wanted, destination);
        }

        Tensor result = empty(entry.Shape.AsSpan(), wanted, destination);
        try
        {
            if (destination.type == TorchSharp.DeviceType.CPU)
            {
                HugePages.Advise(NativeTensors.Data(result), result.NumberOfElements * result.ElementSize);
            }

            // A stored boolean may be any byte, which is not a valid boolean in memory, so booleans are converted.
            if (wanted == entry.Type && destination.type == TorchSharp.DeviceType.CPU && wanted != ScalarType.Bool)
            {
                file.Read(entry.Offset, NativeTensors.Data(result), entry.ByteLength);
                GC.KeepAlive(result);
            }
            else if (destination.type == TorchSharp.DeviceType.CPU && ConversionKernel.Supports(entry.Type, wanted))
            {
                byte* target = NativeTensors.Data(result);
                int stored = TensorTypes.SizeOf(entry.Type), kept = TensorTypes.SizeOf(wanted);
                file.ReadPieces(
                    entry.Offset,
                    entry.ByteLength,
                    (start, data, count) =>
                        ConversionKernel.Run(entry.Type, data, target + (start / stored * kept), count / stored));
                GC.KeepAlive(result);
            }
            else
            {
                ReadInChunks(file, entry, result);
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor? TryMap(TensorEntry entry)
    {
        WeightFile file = FileOf(entry);
        bool aligned = entry.Offset % TensorTypes.SizeOf(entry.Type) == 0;
        if (!entry.Strides.IsDefault
            || entry.Blocks is not null
            || entry.ByteLength == 0
            || !aligned
            || entry.Type == ScalarType.Bool)
        {
            return null;
        }

        SafeBuffer? view = file.Map(entry.Offset + entry.ByteLength);
        return view is null
            ? null
            : NativeTensors.Over(view.DangerousGetHandle() + (nint)entry.Offset, entry.Shape.AsSpan(), entry.Type, view);
    }

    /// <inheritdoc/>
    public PackedEntry? FindPacked(TensorEntry entry)
    {
        if (entry is not { Blocks: { CanWiden: true } blocks, Shape: [var rows, var columns] } || columns % blocks.Values != 0)
        {
            return null;
        }

        TensorEntry bytes = entry with
        {
            Blocks = null,
            Type = ScalarType.Byte,
            Shape = [rows, columns / blocks.Values * blocks.Bytes],
        };
        return new PackedEntry(this, bytes, null, blocks);
    }

    /// <summary>Closes the files. Mapped tensors stay valid.</summary>
    public void Dispose()
    {
        foreach (WeightFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    private static Tensor ReadBlocks(WeightFile file, TensorEntry entry, BlockFormat blocks, ScalarType type, Device device) =>
        ComputedTensor.Create(entry.Shape.AsSpan(), type, device, blocks.Values, (first, count, target) =>
        {
            (long start, long number) = (first / blocks.Values, count / blocks.Values);
            byte* bytes = (byte*)NativeMemory.Alloc((nuint)(number * blocks.Bytes));
            try
            {
                file.Read(entry.Offset + (start * blocks.Bytes), bytes, number * blocks.Bytes);
                blocks.Widen(bytes, target, number);
            }
            finally
            {
                NativeMemory.Free(bytes);
            }
        });

    private static void ReadInChunks(WeightFile file, TensorEntry entry, Tensor destination)
    {
        ScalarType stored = StagedType(entry);
        int size = TensorTypes.SizeOf(stored);
        long count = entry.ElementCount;
        long chunk = Math.Min(count, StagingBytes / size);
        using Tensor flat = destination.view(-1);
        using Tensor staging = empty([chunk], stored);
        for (long start = 0; start < count; start += chunk)
        {
            long length = Math.Min(chunk, count - start);
            file.Read(entry.Offset + (start * size), NativeTensors.Data(staging), length * size);
            using Tensor target = flat.narrow(0, start, length);
            using Tensor source = staging.narrow(0, 0, length);
            target.copy_(source);
        }
    }

    // Views are rare and small in checkpoints, so the part of the storage that a view spans is read at once and then rearranged.
    private static Tensor ReadView(WeightFile file, TensorEntry entry, ScalarType type, Device device)
    {
        ScalarType stored = StagedType(entry);
        using Tensor storage = empty([entry.ByteLength / TensorTypes.SizeOf(stored)], stored);
        file.Read(entry.Offset, NativeTensors.Data(storage), entry.ByteLength);
        using Tensor view = storage.as_strided([.. entry.Shape], [.. entry.Strides]);
        Tensor result = empty(entry.Shape.AsSpan(), type, device);
        result.copy_(view);
        return result;
    }

    private static ScalarType StagedType(TensorEntry entry) => entry.Type == ScalarType.Bool ? ScalarType.Byte : entry.Type;

    private WeightFile FileOf(TensorEntry entry)
    {
        if (!_files.TryGetValue(entry.File, out WeightFile? file))
        {
            throw new ArgumentException(
                $"The tensor {entry.Name} is in {entry.File}, which is not part of {Location}.", nameof(entry));
        }

        if (!TensorTypes.IsReadable(entry))
        {
            throw new WeightFileException(
                $"The tensor {entry.Name} in {entry.File} has the type {TensorTypes.NameOf(entry)}, which can be listed but "
                + $"not computed with; convert it to one of {TensorTypes.StorableNames}.");
        }

        (int size, int values) = entry.Blocks is { } blocks
            ? (blocks.Bytes, blocks.Values)
            : (TensorTypes.SizeOf(entry.Type), 1);
        bool inside = entry.Offset >= 0 && entry.ByteLength >= 0 && entry.Offset <= file.Length - entry.ByteLength;
        long elements = entry.Strides.IsDefault
            ? entry.ElementCount
            : TensorLayout.Extent(entry.Shape.AsSpan(), entry.Strides.AsSpan());
        if (!inside
            || elements < 0
            || elements % values != 0
            || elements / values > long.MaxValue / size
            || elements / values * size != entry.ByteLength)
        {
            throw new ArgumentException($"The tensor {entry.Name} does not fit into {entry.File}.", nameof(entry));
        }

        return file;
    }
}
