using System.Text;
using static TorchSharp.torch;

namespace NexusGen.Training.Distributed;

/// <summary>Exchanges numbers and texts between ranks. In a single process, nothing is exchanged.</summary>
internal static class CollectiveValues
{
    /// <summary>Adds numbers over all ranks.</summary>
    /// <param name="collectives">The ranks.</param>
    /// <param name="values">The numbers of this rank; as many on all ranks.</param>
    public static double[] Sum(this ICollectives collectives, params double[] values)
    {
        if (collectives.Size == 1 || values.Length == 0)
        {
            return values;
        }

        using var scope = NewDisposeScope();
        Tensor shared = tensor(values, ScalarType.Float64, collectives.Device);
        collectives.AllReduce(shared);
        return shared.cpu().data<double>().ToArray();
    }

    /// <summary>Returns the numbers of every rank, in the order of the ranks.</summary>
    /// <inheritdoc cref="Sum"/>
    public static double[][] Gather(this ICollectives collectives, params double[] values)
    {
        if (collectives.Size == 1)
        {
            return [values];
        }

        using var scope = NewDisposeScope();
        Tensor own = tensor(values, ScalarType.Float64, collectives.Device);
        Tensor all = empty([collectives.Size, values.Length], ScalarType.Float64, collectives.Device);
        collectives.AllGather(own, all);
        return [.. all.cpu().data<double>().ToArray().Chunk(values.Length)];
    }

    /// <summary>Returns whether a condition holds on at least one rank.</summary>
    /// <param name="collectives">The ranks.</param>
    /// <param name="condition">Whether it holds on this one.</param>
    public static bool Any(this ICollectives collectives, bool condition) => collectives.Sum(condition ? 1 : 0)[0] > 0;

    /// <summary>Returns the first rank's text on all ranks.</summary>
    /// <param name="collectives">The ranks.</param>
    /// <param name="text">The text; that of other ranks is ignored.</param>
    public static string? Broadcast(this ICollectives collectives, string? text)
    {
        if (collectives.Size == 1)
        {
            return text;
        }

        using var scope = NewDisposeScope();
        byte[] bytes = collectives.Rank == 0 && text is not null ? Encoding.UTF8.GetBytes(text) : [];
        Tensor length = tensor([text is null ? -1L : bytes.Length], ScalarType.Int64, collectives.Device);
        collectives.Broadcast(length, 0);
        long count = length.cpu().item<long>();
        if (count <= 0)
        {
            return count < 0 ? null : "";
        }

        Tensor content = collectives.Rank == 0
            ? tensor(bytes, ScalarType.Byte, collectives.Device)
            : empty([count], ScalarType.Byte, collectives.Device);
        collectives.Broadcast(content, 0);
        return Encoding.UTF8.GetString(content.cpu().data<byte>().ToArray());
    }

    /// <summary>Returns the text of every rank, in the order of the ranks.</summary>
    /// <param name="collectives">The ranks.</param>
    /// <param name="text">The text of this rank.</param>
    public static string[] Gather(this ICollectives collectives, string text)
    {
        if (collectives.Size == 1)
        {
            return [text];
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int longest = (int)collectives.Gather(bytes.Length).Max(length => length[0]);
        using var scope = NewDisposeScope();
        byte[] padded = new byte[longest + 1];
        bytes.CopyTo(padded, 0);
        Tensor all = empty([collectives.Size, padded.Length], ScalarType.Byte, collectives.Device);
        collectives.AllGather(tensor(padded, ScalarType.Byte, collectives.Device), all);
        return
        [
            .. all.cpu().data<byte>().ToArray().Chunk(padded.Length)
                .Select(one => Encoding.UTF8.GetString(one.AsSpan().TrimEnd((byte)0)))
        ];
    }
}
