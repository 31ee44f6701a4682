using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>A two-dimensional convolution with a bias.</summary>
public sealed class Conv2d : Module
{
    private const long Block = 16;

    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly int _stride;
    private readonly int _padding;

    /// <summary>Loads a convolution.</summary>
    /// <param name="source">Its place; the names there are <c>weight</c> and <c>bias</c>.</param>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="stride">Step from one output to the next.</param>
    /// <param name="padding">Zeros added on each side.</param>
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

    /// <summary>Convolves.</summary>
    /// <param name="input">[batch, in, height, width].</param>
    /// <returns>[batch, out, height, width], smaller as kernel, stride and padding make it.</returns>
    public Tensor Forward(Tensor input)
    {
        Tensor output = Convolve(input, _weight.Value.to(input.dtype), _bias.Value.to(input.dtype));
        if (OperationCount.IsOpen)
        {
            OperationCount.Product((double)output.numel() * _weight.Value.numel() / output.shape[1], input, _weight.Value);
        }

        return output;
    }

    // libtorch's oneDNN takes channels in blocks of 16 and, with AVX-512, reads what it never wrote where a block isn't full: in passes
    // back, and in 16-bit types forward too, numbers that are NaN now and then. So blocks are filled with zeros here.
    private Tensor Convolve(Tensor input, Tensor weight, Tensor bias)
    {
        bool half = input.dtype != ScalarType.Float32, learns = is_grad_enabled() && (input.requires_grad || weight.requires_grad);
        bool fill = input.device_type == TorchSharp.DeviceType.CPU && (half || learns);
        long outputs = weight.shape[0];
        long extraIn = fill && (half || input.requires_grad) ? Missing(weight.shape[1]) : 0, extraOut = fill ? Missing(outputs) : 0;
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
