using System.Text;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>Weights with scales: what is read beyond the reference cases, and what is refused by name.</summary>
public sealed class ScaledStoreTests : IDisposable
{
    private const ScalarType Float8 = (ScalarType)24;

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void MarkersAndActivationScalesArePassedOver()
    {
        using ITensorStore store = Open(
            ("model.diffusion_model.scaled_fp8", zeros(0).to(Float8)),
            ("model.diffusion_model.x.weight", ones(2, 4).to(Float8)),
            ("model.diffusion_model.x.weight_scale", tensor(0.5f)),
            ("model.diffusion_model.x.input_scale", tensor(3f)),
            ("model.diffusion_model.x.comfy_quant", zeros(0, ScalarType.Byte)),
            ("model.diffusion_model.y.weight", ones(2, 4).to(Float8)));

        Assert.Equal(["x.weight", "y.weight"], store.Entries.Keys.Order());
        Assert.Equal(0.5f, store.Read(store.Entries["x.weight"])[1, 3].item<float>());
        Assert.Equal(1f, store.Read(store.Entries["y.weight"], ScalarType.Float32)[1, 3].item<float>());
    }

    [Fact]
    public void ScalesOfRowsAreRead()
    {
        using ITensorStore store = Open(
            ("x.weight", ones(2, 4).to(Float8)), ("x.weight_scale", tensor([2f, 3f]).view(2, 1)));

        Tensor value = store.Read(store.Entries["x.weight"], ScalarType.BFloat16).to(ScalarType.Float32);

        Assert.Equal([2f, 2, 2, 2, 3, 3, 3, 3], value.data<float>().ToArray());
    }

    [Fact]
    public void OtherScalesAreRefused()
    {
        Tensor weight = ones(4, 8).to(Float8);
        Refused(["x.weight_scale", "[2, 2]"], ("x.weight", weight), ("x.weight_scale", ones(2, 2)));
        Refused(["x.weight_scale"], ("x.weight", weight), ("x.weight_scale", ones(1, 8)));
        Refused(["x.weight_scale", "U8"], ("x.weight", weight), ("x.weight_scale", ones(1, ScalarType.Byte)));
        Refused(["x.weight_scale_inv"], ("x.weight", weight), ("x.weight_scale_inv", ones(1, 1)));
        Refused(["x.weight_scale_2"], ("x.weight", weight), ("x.weight_scale", ones(1)), ("x.weight_scale_2", ones(1)));
        Refused(["y.weight", "missing"], ("x.weight", weight), ("y.weight_scale", ones(1)));
        Refused(["two scales"], ("x.weight", weight), ("x.weight_scale", ones(1)), ("x.scale_weight", ones(1)));
        Refused(
            ["mxfp8"], ("x.weight", weight), ("x.weight_scale", ones(1)), ("x.comfy_quant", Json("""{"format":"mxfp8"}""")));
        Refused(
            ["nvfp4"],
            ("x.weight", ones(4, 4, ScalarType.Byte)), ("x.weight_scale", ones(4, 1)),
            ("x.comfy_quant", Json("""{"format":"nvfp4"}""")));
    }

    [Fact]
    public void BytesThatDoNotSayWhatTheyMeanAreRefused()
    {
        Tensor weight = ones(4, 8, ScalarType.Int8);
        Refused(["x.weight", "comfy_quant"], ("x.weight", weight));
        Refused(["x.weight", "comfy_quant"], ("x.weight", weight), ("x.weight_scale", ones(1)));
        Refused(["x.SCB"], ("x.weight", weight), ("x.SCB", ones(4)));
        Refused(["x.weight", "U8"], ("x.weight", ones(4, ScalarType.Byte)));
        Refused(["x.weight.absmax"], ("x.weight.absmax", ones(4)));
        Refused(
            ["x.weight", "12"],
            ("x.weight", ones(4, 12, ScalarType.Int8)), ("x.weight_scale", ones(1)),
            ("x.comfy_quant", Json("""{"format":"int8_tensorwise","convrot":true,"convrot_groupsize":8}""")));
        Refused(
            ["x.comfy_quant", "JSON"],
            ("x.weight", weight), ("x.weight_scale", ones(1)), ("x.comfy_quant", Json("{format")));
    }

    [Fact]
    public void GroupsThatDoNotFitAreRefused()
    {
        Tensor words = zeros(8, 8, ScalarType.Int32), zero = zeros(2, 1, ScalarType.Int32), scales = ones(2, 8);
        Refused(["x.qzeros"], ("x.qweight", words));
        Refused(["x.qweight", "[2, 9]"], ("x.qweight", words), ("x.qzeros", zero), ("x.scales", ones(2, 9)));
        using ITensorStore store = Open(
            ("x.qweight", words), ("x.qzeros", zero), ("x.scales", scales), ("x.g_idx", full([64], 7, ScalarType.Int32)));
        Said.By(() => store.Read(store.Entries["x.weight"]).Dispose(), "x.g_idx");
    }

    [Theory]
    [InlineData("""{"quant_method":"gptq","bits":8}""", "8 bits")]
    [InlineData("""{"quant_method":"gptq","bits":4,"checkpoint_format":"marlin"}""", "marlin")]
    [InlineData("""{"quant_method":"awq","bits":4,"version":"GEMV"}""", "gemv")]
    [InlineData("""{"quant_method":"hqq"}""", "hqq")]
    public void DeclaredFormsThatAreNotReadAreRefused(string configuration, string said)
    {
        _folder.Write("config.json", $$"""{"quantization_config":{{configuration}}}""");
        Refused(
            ["x.qweight", said],
            ("x.qweight", zeros(8, 8, ScalarType.Int32)), ("x.qzeros", zeros(2, 1, ScalarType.Int32)), ("x.scales", ones(2, 8)));
    }

    [Fact]
    public void OrdinaryFilesStayAsTheyAre()
    {
        using ITensorStore store = Open(("x.weight", ones(3)), ("x.bias", ones(3)));

        Assert.NotNull(store.TryMap(store.Entries["x.bias"])?.DetachFromDisposeScope());
        Assert.Equal(["x.bias", "x.weight"], store.Entries.Keys.Order());
    }

    private static Tensor Json(string text) => tensor(Encoding.UTF8.GetBytes(text));

    private ITensorStore Open(params (string, Tensor)[] tensors)
    {
        SafetensorsWriter.Write(_folder["a.safetensors"], tensors);
        return TensorStore.OpenModel(_folder["a.safetensors"]);
    }

    private void Refused(string[] said, params (string, Tensor)[] tensors) =>
        Said.By(() => Open(tensors).Dispose(), [.. said, "a.safetensors"]);
}
