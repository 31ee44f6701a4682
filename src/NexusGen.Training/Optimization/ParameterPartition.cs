using NexusGen.Training.Distributed;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Optimization;

/// <summary>
/// Divides the elements of all trained parameters into as many equal shares as there are ranks (ZeRO, arXiv 1910.02054). The
/// parameters are imagined flattened, one after the other; a share is a range of that sequence, so that one parameter may be
/// divided among several ranks.
/// </summary>
internal sealed class ParameterPartition
{
    // The size of the buffers that are exchanged, over all ranks.
    private const long BufferElements = 8 << 20;

    private readonly ICollectives _collectives;
    private readonly Parameter[] _parameters;
    private readonly Dictionary<Parameter, long> _starts = [];
    private readonly long _total;

    /// <summary>Divides parameters.</summary>
    /// <param name="parameters">The parameters, in the same order on all ranks. Their tensors are made contiguous.</param>
    /// <param name="collectives">The ranks.</param>
    public ParameterPartition(IEnumerable<Parameter> parameters, ICollectives collectives)
    {
        _collectives = collectives;
        _parameters = [.. parameters];
        foreach (Parameter parameter in _parameters)
        {
            if (!parameter.Value.is_contiguous())
            {
                parameter.Replace(parameter.Value.detach().contiguous());
            }

            _starts.Add(parameter, _total);
            _total += parameter.Value.numel();
        }

        ShareLength = Math.Max(1, (_total + collectives.Size - 1) / collectives.Size);
        Own = [.. PiecesOf(collectives.Rank * ShareLength, ShareLength).Select(piece => piece.Piece)];
    }

    /// <summary>Gets the number of elements of a share. The last ranks may own fewer.</summary>
    public long ShareLength { get; }

    /// <summary>Gets this rank's pieces, in order.</summary>
    public IReadOnlyList<ParameterPiece> Own { get; }

    /// <summary>Returns the position of a piece of this rank in its share.</summary>
    public long PlaceOf(ParameterPiece piece) =>
        _starts[piece.Parameter] + piece.Start - (_collectives.Rank * ShareLength);

    /// <summary>Returns the elements of a piece, as a view.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="whole">The tensor of the parameter's size that contains it, or null for the parameter itself.</param>
    public static Tensor View(ParameterPiece piece, Tensor? whole = null)
    {
        using var scope = NewDisposeScope();
        return (whole ?? piece.Parameter.Value).detach().view(-1).narrow(0, piece.Start, piece.Length).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients of all ranks and gives each rank the sums of its share.</summary>
    /// <param name="gradientOf">Returns the gradient of a parameter on this rank, or null for zeros.</param>
    /// <returns>[share length], float32, on the device of the collectives. The caller owns it.</returns>
    public Tensor ReduceScatter(Func<Parameter, Tensor?> gradientOf)
    {
        using var scope = NewDisposeScope();
        Tensor share = empty([ShareLength], ScalarType.Float32, _collectives.Device);
        long most = ChunkLength;
        Tensor buffer = empty([most * _collectives.Size], ScalarType.Float32, _collectives.Device);
        for (long at = 0; at < ShareLength; at += most)
        {
            using var inner = NewDisposeScope();
            long length = Math.Min(most, ShareLength - at);
            Tensor all = buffer.narrow(0, 0, length * _collectives.Size);
            all.zero_();
            for (int rank = 0; rank < _collectives.Size; rank++)
            {
                foreach ((ParameterPiece piece, long place) in PiecesOf((rank * ShareLength) + at, length))
                {
                    if (gradientOf(piece.Parameter) is { } gradient)
                    {
                        Tensor flat = gradient.reshape(-1).narrow(0, piece.Start, piece.Length);
                        all.narrow(0, (rank * length) + place, piece.Length).copy_(flat);
                    }
                }
            }

            _collectives.ReduceScatter(all, share.narrow(0, at, length));
        }

        return share.MoveToOuterDisposeScope();
    }

    /// <summary>Gives all ranks the values of the parameters that their owners have.</summary>
    public void AllGather()
    {
        using var scope = NewDisposeScope();
        ScalarType type = _parameters.All(parameter => parameter.Value.dtype == _parameters[0].Value.dtype)
            ? _parameters[0].Value.dtype
            : ScalarType.Float32;
        long most = ChunkLength;
        Tensor own = empty([most], type, _collectives.Device);
        Tensor buffer = empty([most * _collectives.Size], type, _collectives.Device);
        for (long at = 0; at < ShareLength; at += most)
        {
            using var inner = NewDisposeScope();
            long length = Math.Min(most, ShareLength - at);
            Tensor mine = own.narrow(0, 0, length), all = buffer.narrow(0, 0, length * _collectives.Size);
            foreach ((ParameterPiece piece, long place) in PiecesOf((_collectives.Rank * ShareLength) + at, length))
            {
                mine.narrow(0, place, piece.Length).copy_(View(piece));
            }

            _collectives.AllGather(mine, all);
            foreach (int rank in Enumerable.Range(0, _collectives.Size).Where(rank => rank != _collectives.Rank))
            {
                foreach ((ParameterPiece piece, long place) in PiecesOf((rank * ShareLength) + at, length))
                {
                    View(piece).copy_(all.narrow(0, (rank * length) + place, piece.Length));
                }
            }
        }
    }

    /// <summary>Assembles a tensor of a parameter's shape on one rank from the pieces that the ranks have.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="own">Returns the value of a piece of this rank, float32.</param>
    /// <param name="root">The rank that receives the tensor.</param>
    /// <returns>The tensor, which the caller owns; null on other ranks.</returns>
    public Tensor? Collect(Parameter parameter, Func<ParameterPiece, Tensor> own, int root)
    {
        using var scope = NewDisposeScope();
        long start = _starts[parameter], end = start + parameter.Value.numel();
        Tensor? whole = _collectives.Rank == root
            ? empty(parameter.Value.shape, ScalarType.Float32, _collectives.Device)
            : null;
        for (long rank = start / ShareLength; rank * ShareLength < end; rank++)
        {
            long from = Math.Max(start, rank * ShareLength), to = Math.Min(end, (rank + 1) * ShareLength);
            var piece = new ParameterPiece(parameter, from - start, to - from);
            if (rank == _collectives.Rank && whole is not null)
            {
                View(piece, whole).copy_(own(piece));
            }
            else if (rank == _collectives.Rank)
            {
                _collectives.Send(own(piece).detach().to(_collectives.Device).contiguous(), root);
            }
            else if (whole is not null)
            {
                _collectives.Receive(View(piece, whole), (int)rank);
            }
        }

        return whole?.MoveToOuterDisposeScope();
    }

    private long ChunkLength => Math.Clamp(BufferElements / _collectives.Size, 1, ShareLength);

    // The pieces in a range of the sequence, with their positions in the range.
    private IEnumerable<(ParameterPiece Piece, long Place)> PiecesOf(long first, long length)
    {
        long end = Math.Min(first + length, _total);
        foreach (Parameter parameter in _parameters)
        {
            long start = _starts[parameter], from = Math.Max(start, first);
            long to = Math.Min(start + parameter.Value.numel(), end);
            if (from < to)
            {
                yield return (new ParameterPiece(parameter, from - start, to - from), from - first);
            }
        }
    }
}
