using System.Buffers.Binary;
using System.Text;

namespace NexusGen.Tests.Weights;

/// <summary>Writes pickles instruction by instruction, valid and malicious ones.</summary>
internal sealed class PickleBuilder
{
    private readonly MemoryStream _stream = new();

    public PickleBuilder(byte protocol = 2) => Raw(0x80, protocol);

    public PickleBuilder Raw(params ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        return this;
    }

    public PickleBuilder Op(char code) => Raw((byte)code);

    public PickleBuilder Repeat(int count, Action<PickleBuilder> write)
    {
        for (int i = 0; i < count; i++)
        {
            write(this);
        }

        return this;
    }

    public PickleBuilder Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Op('X').Number32((uint)bytes.Length).Raw(bytes);
    }

    public PickleBuilder Number32(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return Raw(bytes);
    }

    public PickleBuilder Int(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8A, 8).Raw(bytes);
    }

    public PickleBuilder Float(double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        return Op('G').Raw(bytes);
    }

    public PickleBuilder Global(string module, string name) => Op('c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Tuple(params long[] values)
    {
        Op('(');
        foreach (long value in values)
        {
            Int(value);
        }

        return Op('t');
    }

    public PickleBuilder OrderedDictionary() => Global("collections", "OrderedDict").Op(')').Op('R');

    public PickleBuilder Storage(string type, string key, long count) =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Int(count).Op('t').Op('Q');

    public PickleBuilder Tensor(string type, string key, long count, long offset, long[] shape, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(type, key, count).Int(offset).Tuple(shape).Tuple(strides)
            .Raw(0x89).OrderedDictionary().Op('t').Op('R');

    public byte[] Stop() => Op('.')._stream.ToArray();
}
