using System.Buffers.Binary;

namespace NexusGen.Tests.Imaging;

/// <summary>Writes TIFF and BigTIFF files of one strip.</summary>
internal sealed record TiffBuilder(int Width, int Height, byte[] Pixels)
{
    public int Bits { get; init; } = 8;

    public int Channels { get; init; } = 1;

    public int Photometric { get; init; } = 1;

    public int Compression { get; init; } = 1;

    public int SampleFormat { get; init; } = 1;

    /// <summary>Gets the number of the type of the fields that describe the pixels: 1, 3, 4 or 16 for 8 to 64 bits.</summary>
    public int FieldType { get; init; } = 3;

    public bool Big { get; init; }

    public bool BigEndian { get; init; }

    public int[] Palette { get; init; } = [];

    public int[] Extra { get; init; } = [];

    public byte[] Build()
    {
        List<(int Tag, int Type, int[] Values)> fields =
        [
            (256, 3, [Width]), (257, 3, [Height]), (258, FieldType, [.. Enumerable.Repeat(Bits, Channels)]),
            (259, FieldType, [Compression]), (262, FieldType, [Photometric]), (273, 4, [-1]), (277, 3, [Channels]),
            (278, 3, [Height]), (279, 4, [Pixels.Length]),
        ];
        if (Palette.Length > 0)
        {
            fields.Add((320, 3, Palette));
        }

        if (Extra.Length > 0)
        {
            fields.Add((338, 3, Extra));
        }

        fields.Add((339, FieldType, [.. Enumerable.Repeat(SampleFormat, Channels)]));
        int inline = Big ? 8 : 4, directory = Big ? 16 : 8;
        int after = directory + (Big ? 16 : 6) + (fields.Count * (Big ? 20 : 12));
        int data = after + fields.Sum(field => Length(field) > inline ? Length(field) : 0);
        List<byte> file = [.. BigEndian ? "MM"u8 : "II"u8];
        Number(file, Big ? 43u : 42, 2);
        if (Big)
        {
            Number(file, 8, 2);
            Number(file, 0, 2);
        }

        Number(file, (uint)directory, inline);
        Number(file, (uint)fields.Count, Big ? 8 : 2);
        List<byte> outside = [];
        foreach ((int Tag, int Type, int[] Values) field in fields)
        {
            Number(file, (uint)field.Tag, 2);
            Number(file, (uint)field.Type, 2);
            Number(file, (uint)field.Values.Length, inline);
            List<byte> values = [];
            foreach (int value in field.Values)
            {
                Number(values, (uint)(value < 0 ? data : value), Bytes(field.Type));
            }

            if (values.Count > inline)
            {
                Number(file, (uint)(after + outside.Count), inline);
                outside.AddRange(values);
            }
            else
            {
                file.AddRange(values);
                file.AddRange(new byte[inline - values.Count]);
            }
        }

        Number(file, 0, inline);
        return [.. file, .. outside, .. Pixels];
    }

    private static int Length((int Tag, int Type, int[] Values) field) => field.Values.Length * Bytes(field.Type);

    private static int Bytes(int type) => type switch { 1 => 1, 3 => 2, 4 => 4, _ => 8 };

    private void Number(List<byte> file, uint value, int bytes)
    {
        Span<byte> number = stackalloc byte[8];
        if (BigEndian)
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, value);
            file.AddRange(number[^bytes..]);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            file.AddRange(number[..bytes]);
        }
    }
}
