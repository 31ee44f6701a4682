using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>
/// Writes a tensor as <c>torch.save</c> does, with everything that its pickle and its archive contain besides the numbers.
/// </summary>
internal static class SavedByTorch
{
    /// <summary>Writes a file of one tensor that is not in a dictionary.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="tensor">The tensor, float32 or bfloat16.</param>
    public static void Write(string path, Tensor tensor)
    {
        using Tensor whole = tensor.contiguous();
        ZipBuilder.Write(path,
        [
            new("archive/data.pkl", Pickle(whole)),
            new("archive/.format_version", "1"u8.ToArray()),
            new("archive/.storage_alignment", "64"u8.ToArray()),
            new("archive/byteorder", "little"u8.ToArray()),
            new("archive/data/0", whole.bytes.ToArray()),
            new("archive/version", "3\n"u8.ToArray()),
            new("archive/.data/serialization_id", "0636457737946401051300000025273995036293"u8.ToArray()),
        ]);
    }

    // The instructions of Python's pickler, protocol 2: it memoizes everything that might recur, and writes small numbers in
    // their short form.
    private static byte[] Pickle(Tensor tensor)
    {
        PickleBuilder pickle = new PickleBuilder().Global("torch._utils", "_rebuild_tensor_v2").Op('q').Raw(0).Op('(')
            .Op('(').Text("storage").Op('q').Raw(1)
            .Global("torch", tensor.dtype == ScalarType.BFloat16 ? "BFloat16Storage" : "FloatStorage").Op('q').Raw(2)
            .Text("0").Op('q').Raw(3).Text("cpu").Op('q').Raw(4);
        Number(pickle, tensor.numel()).Op('t').Op('q').Raw(5).Op('Q');
        Numbers(Numbers(Number(pickle, 0), tensor.shape).Op('q').Raw(6), tensor.stride()).Op('q').Raw(7);
        return pickle.Raw(0x89).Global("collections", "OrderedDict").Op('q').Raw(8).Op(')').Op('R').Op('q').Raw(9)
            .Op('t').Op('q').Raw(10).Op('R').Op('q').Raw(11).Stop();
    }

    // A tuple of two or three numbers.
    private static PickleBuilder Numbers(PickleBuilder pickle, long[] values)
    {
        Array.ForEach(values, value => Number(pickle, value));
        return pickle.Raw((byte)(0x84 + values.Length));
    }

    private static PickleBuilder Number(PickleBuilder pickle, long value) => value < 256
        ? pickle.Op('K').Raw((byte)value)
        : pickle.Op('M').Raw((byte)value, (byte)(value >> 8));
}
