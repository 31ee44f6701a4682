using System.Runtime.Intrinsics.X86;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>A two-dimensional convolution with a bias.</summary>
internal sealed class Conv2d : Module
{
    private const long Block = 16;

    // oneDNN has convolutions of 16-bit types for AVX-512 only. Without it libtorch takes a path that is some hundred
    // times slower than float32: decoding 256×256 took a minute instead of a second.
    private static readonly bool LacksHalfConvolution = X86Base.IsSupported && !Avx512BW.IsSupported;

    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly int _stride;
    private readonly int _padding;

    /// <summary>Loads a convolution.</summary>
    /// <param name="source">The weights of the layer, named <c>weight</c> and <c>bias</c>.</param>
    /// <param name="inChannels">The number of input channels.</param>
    /// <param name="outChannels">The number of output channels.</param>
    /// <param name="kernel">The width and height of the kernel.</param>
    /// <param name="stride">The step from one output to the next.</param>
    /// <param name="padding">The number of zeros added on each side.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public Conv2d(WeightSource source, long inChannels, long outChannels, int kernel, int stride = 1, int padding = 0)
        : base(source)
    {
        Initialization initialization = Initialization.FanIn(inChannels * kernel * kernel);
        _weight = Own(source.Parameter("weight", [outChannels, inChannels, kernel, kernel], initialization));
        _bias = Own(source.Parameter("bias", [outChannels], initialization));
        _stride = stride;
        _padding = padding;
    }

    /// <summary>Computes the convolution.</summary>
    /// <param name="input">[batch, in, height, width].</param>
    /// <returns>[batch, out, height, width], where height and width depend on the kernel, the stride and the padding.</returns>
    public Tensor Forward(Tensor input)
    {
        bool widens = LacksHalfConvolution && input.device_type == TorchSharp.DeviceType.CPU && input.dtype != ScalarType.Float32;
        ScalarType type = widens ? ScalarType.Float32 : input.dtype;
        Tensor output = Convolve(input.to(type), _weight.Value.to(type), _bias.Value.to(type)).to(input.dtype);
        if (OperationCount.IsOpen)
        {
            OperationCount.Product((double)output.numel() * _weight.Value.numel() / output.shape[1], input, _weight.Value);
        }

        return output;
    }

    // libtorch's oneDNN processes channels in blocks of 16. With AVX-512, it reads memory that it never wrote if a block isn't
    // full, in backward passes and, with 16-bit types, in forward passes too; now and then the values are NaN. Therefore, blocks
    // are filled with zeros here.
    private Tensor Convolve(Tensor input, Tensor weight, Tensor bias)
    {
        bool half = input.dtype != ScalarType.Float32,
            learns = is_grad_enabled() && (input.requires_grad || weight.requires_grad);
        bool fill = input.device_type == TorchSharp.DeviceType.CPU && (half || learns);
        long outputs = weight.shape[0];
        long extraIn = fill && (half || input.requires_grad) ? Missing(weight.shape[1]) : 0,
            extraOut = fill ? Missing(outputs) : 0;
        if (extraIn > 0)
        {
            input = nn.functional.pad(input, [0, 0, 0, 0, 0, extraIn]);
        }

        if (extraIn == 0 && extraOut == 0)
        {
            return nn.functional.conv2d(input, weight, bias, [_stride, _stride], [_padding, _padding]);
        }

        weight = nn.functional.pad(weight, [0, 0, 0, 0, 0, extraIn, 0, extraOut]);
        bias = nn.functional.pad(bias, [0, extraOut]);
        return nn.functional.conv2d(input, weight, bias, [_stride, _stride], [_padding, _padding]).narrow(1, 0, outputs);
    }

    private static long Missing(long channels) => (Block - (channels % Block)) % Block;
}
