using NexusGen.Torch;
using NexusGen.Torch.Kernels;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Quantization;
using NexusGen.Weights.Stores;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>Linear layers whose weights are stored in few bits.</summary>
public sealed class PackedLinearTests : IDisposable
{
    private static readonly RandomWeights Random = new(7);

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();

    public void Dispose()
    {
        _inference.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    // 24 and 40 are no multiples of the kernels' 16.
    [Theory]
    [InlineData(3, 64, 32, ScalarType.Float32)]
    [InlineData(3, 64, 32, ScalarType.BFloat16)]
    [InlineData(5, 24, 40, ScalarType.Float32)]
    [InlineData(40, 64, 40, ScalarType.BFloat16)]
    public void ManyRowsAreIntegerProducts(int rows, int inner, int outputs, ScalarType type)
    {
        using Linear linear = Layer(Int8Format.Instance, inner, outputs);
        using Linear dense = Layer(DenseFormat.Instance, inner, outputs);
        Tensor x = Input(type, 1, rows, inner), flat = x.view(rows, inner).to(ScalarType.Float64);
        Tensor scale = flat.abs().amax([1L], true) / Scalars.Of(127.0);
        Tensor numbers = (flat / scale).round(), weight = linear.Weight.Widen(ScalarType.Float64);
        Tensor expected = (numbers * scale).matmul(weight.t()).Plus(linear.Parameters.Last().Value.to(ScalarType.Float64));
        Tensor actual = linear.Forward(x);
        Assert.Equal(type, actual.dtype);
        Assert.Equal([1, rows, outputs], actual.shape);
        Assert.InRange(Error(actual.view(rows, outputs), expected), 0, type == ScalarType.Float32 ? 1e-5 : 4e-3);
        Assert.InRange(Error(actual, dense.Forward(x)), 1e-4, 0.03);
    }

    [Fact]
    public void RowsOfZerosAreZerosAndWhatIsNotFiniteStaysSo()
    {
        using Linear linear = Layer(Int8Format.Instance, 64, 32, bias: false);
        Tensor x = Input(ScalarType.Float32, 3, 64);
        x[1].fill_(Scalars.Of(0.0));
        x[2, 5] = tensor(float.NaN);
        Tensor y = linear.Forward(x);
        Assert.Equal(0, y[1].abs().max().item<float>());
        Assert.True(y[2].isnan().all().item<bool>());
        Assert.True(y[0].isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData("int8", 64, ScalarType.Float32)]
    [InlineData("int8", 64, ScalarType.BFloat16)]
    [InlineData("int4", 512, ScalarType.Float32)]
    [InlineData("int4", 512, ScalarType.BFloat16)]
    [InlineData("int6", 1280, ScalarType.Float32)]
    public void OneRowIsComputedWithTheStoredValues(string format, int inner, ScalarType type)
    {
        using Linear linear = Layer(Format(format), inner, 48);
        Tensor x = Input(type, 1, 1, inner), actual = linear.Forward(x);
        Tensor expected = nn.functional.linear(
            x.to(ScalarType.Float64),
            linear.Weight.Widen(ScalarType.Float64),
            linear.Parameters.Last().Value.to(ScalarType.Float64));
        Assert.Equal(type, actual.dtype);
        Assert.Equal([1, 1, 48], actual.shape);
        Assert.InRange(Error(actual, expected), 0, type == ScalarType.Float32 ? 1e-5 : 4e-3);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void BlocksAreWidenedTileByTile(ScalarType type)
    {
        using Linear linear = Layer(BlockedFormat.Int4, 2048, 1040);
        using Linear dense = Layer(DenseFormat.Instance, 2048, 1040);
        Tensor x = Input(type, 2, 3, 2048), actual = linear.Forward(x);
        Tensor expected = nn.functional.linear(
            x, linear.Weight.Widen(type), linear.Parameters.Last().Value.to(type));
        Assert.InRange(Error(actual, expected), 0, type == ScalarType.Float32 ? 1e-5 : 4e-3);
        Assert.InRange(Error(actual, dense.Forward(x)), 1e-3, 0.12);
        Assert.Equal((2048 * 1040 * 9 / 16) + (4 * 1040), linear.ByteLength);
    }

    [Fact]
    public void RowsThatAreNoWholeBlocksStayDense()
    {
        using Linear linear = Layer(BlockedFormat.Int4, 96, 32), dense = Layer(DenseFormat.Instance, 96, 32);
        Assert.Equal(dense.ByteLength, linear.ByteLength);
        Tensor x = Input(ScalarType.Float32, 2, 96);
        Assert.True(linear.Forward(x).equal(dense.Forward(x)).all().item<bool>());
    }

    [Theory]
    [InlineData("Q4_0")]
    [InlineData("Q8_0")]
    [InlineData("Q4_K")]
    [InlineData("Q6_K")]
    public void OtherDevicesComputeTheSameValues(string name)
    {
        GgmlType type = GgmlTypes.Find(name)!;
        Tensor bytes = BlockMatrix.Quantize(randn([5, 512], generator: new Generator(3)), type);
        Tensor expected = empty(5, 512);
        BlockMatrix.Widen(bytes, type.Blocks!, 0, expected);
        Assert.True(DeviceBlocks.Supports(type.Blocks!));
        Tensor actual = DeviceBlocks.Widen(bytes, type.Blocks!, ScalarType.Float32);
        Assert.Equal([5, 512], actual.shape);
        Assert.InRange((actual - expected).abs().max().item<float>(), 0, 1e-6);
    }

    // The same format as the file's, or one of fewer bits: the file's bytes. Otherwise converted.
    [Theory]
    [InlineData("Q4_0", "int4", true)]
    [InlineData("Q6_K", "int4", true)]
    [InlineData("Q8_0", "int4", false)]
    [InlineData("Q8_0", "stored", true)]
    [InlineData("Q5_1", "stored", true)]
    public void BlocksOfAFileStayAsTheyAre(string stored, string format, bool kept)
    {
        GgmlType type = GgmlTypes.Find(stored)!;
        Tensor bytes = BlockMatrix.Quantize(randn([16, 256], generator: new Generator(5)), type);
        File.WriteAllBytes(
            _folder["x.gguf"],
            new GgufBuilder().Tensor("a.weight", [256, 16], type.Number, bytes.data<byte>().ToArray()).Build());
        using ITensorStore store = TensorStore.OpenModel(_folder["x.gguf"]);
        using var linear = new Linear(
            new WeightSource(new StoredWeights(store), LoadOptions.Reference with { LinearFormat = Format(format) })["a"],
            256,
            16,
            bias: false);
        Parameter parameter = Assert.Single(linear.Parameters);
        Assert.Equal("a.weight", parameter.Name);
        Assert.Equal(kept, parameter.Value.shape.SequenceEqual(bytes.shape) && parameter.Value.equal(bytes).all().item<bool>());
        using Tensor wide = store.Read(store.Entries["a.weight"]);
        Assert.InRange(Error(linear.Weight.Widen(ScalarType.Float32), wide), 0, kept ? 0 : 0.12);
    }

    [Fact]
    public void BytesOfAFileStayAsTheyAreUnlessTheyAreRotated()
    {
        Tensor numbers = randint(-127, 128, [16, 64], ScalarType.Int8, generator: new Generator(1));
        Tensor scales = rand([16, 1], generator: new Generator(2));
        Tensor plain = Json("""{"format":"int8_tensorwise"}"""),
            rotated = Json("""{"format":"int8_tensorwise","convrot":true,"convrot_groupsize":64}""");
        foreach (bool turned in (bool[])[false, true])
        {
            string path = _folder[$"{turned}.safetensors"];
            SafetensorsWriter.Write(
                path, [("a.weight", numbers), ("a.weight_scale", scales), ("a.comfy_quant", turned ? rotated : plain)]);
            using ITensorStore store = TensorStore.OpenModel(path);
            using var linear = new Linear(
                new WeightSource(
                    new StoredWeights(store), LoadOptions.Reference with { LinearFormat = Int8Format.Instance })["a"],
                64,
                16,
                bias: false);
            Assert.Equal(["a.weight", "a.weight_scale"], linear.Parameters.Select(parameter => parameter.Name));
            Assert.Equal(!turned, linear.Parameters.First().Value.equal(numbers).all().item<bool>());
            using Tensor wide = store.Read(store.Entries["a.weight"]);
            Assert.InRange(Error(linear.Weight.Widen(ScalarType.Float32), wide), 0, turned ? 0.02 : 1e-7);
        }
    }

    // What the plan of the memory measures is what is loaded.
    [Theory]
    [InlineData("int8")]
    [InlineData("int4")]
    public void ShapesTakeTheBytesOfTheWeights(string format)
    {
        WeightSource source = new(Random, LoadOptions.Reference with { LinearFormat = Format(format) });
        using Linear loaded = new(source["a"], 512, 48), shapes = new(source.ShapesOnly()["a"], 512, 48);
        Assert.Equal(loaded.ByteLength, shapes.ByteLength);
        Assert.Equal(loaded.Parameters.Select(p => p.Name), shapes.Parameters.Select(p => p.Name));
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("int4")]
    public void GradientsFlowToTheInput(string format)
    {
        using IDisposable recording = enable_grad();
        using Linear linear = Layer(Format(format), 256, 32);
        Tensor x = Input(ScalarType.Float32, 3, 256).requires_grad_(true);
        linear.Forward(x).sum().backward();
        Tensor expected = ones(3, 32).matmul(linear.Weight.Widen(ScalarType.Float32));
        Assert.InRange(Error(x.grad!, expected), 0, 1e-5);
    }

    [Fact]
    public void LargestMagnitudesAreExact()
    {
        (Tensor numbers, Tensor scales) = RowQuantizeKernel.Run(tensor(new[] { 1f, -2, 0.5f, 0 }).repeat(4).view(1, 16));
        Assert.Equal([64, -127, 32, 0], numbers[0, ..4].data<sbyte>().Select(number => (int)number));
        Assert.Equal(2f / 127, scales.item<float>());
    }

    private static LinearFormat Format(string name) => name switch
    {
        "int8" => Int8Format.Instance,
        "int4" => BlockedFormat.Int4,
        "int6" => BlockedFormat.Int4.Vocabulary,
        _ => BlockedFormat.Stored,
    };

    private static Linear Layer(LinearFormat format, long inner, long outputs, bool bias = true) =>
        new(new WeightSource(Random, LoadOptions.Reference with { LinearFormat = format })["a"], inner, outputs, bias);

    private static Tensor Input(ScalarType type, params long[] shape) => randn(shape, generator: new Generator(1)).to(type);

    private static Tensor Json(string text) => tensor(System.Text.Encoding.UTF8.GetBytes(text));

    private static double Error(Tensor actual, Tensor expected)
    {
        Tensor wanted = expected.to(ScalarType.Float64);
        return ((actual.to(ScalarType.Float64) - wanted).norm() / wanted.norm()).item<double>();
    }
}
